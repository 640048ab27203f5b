//! The skill of a turn begins: somebody asks for it by its name, or Claude chooses it.

use super::Session;
use super::purpose::{MARKETPLACE, Purpose, skill};
use crate::attribute::text;
use crate::random::happens;

impl Session<'_> {
    /// Decides what a turn is for. Says as what command somebody asks for it, if they do.
    pub(super) fn begin_turn(&mut self) -> Option<&'static str> {
        let skill = skill(&mut self.rng);
        self.purpose = Purpose { skill, ..Purpose::default() };
        skill.filter(|_| happens(&mut self.rng, 0.6)).map(|skill| skill.name)
    }

    /// Tells that the skill of this turn begins, if it has one.
    pub(super) fn activate_skill(&mut self, is_asked_for: bool) {
        let Some(skill) = self.purpose.skill else { return };
        let plugin = skill.plugin.map(|plugin| [text("plugin.name", plugin), text("marketplace.name", MARKETPLACE)]);
        let told = [
            text("skill.name", if plugin.is_some() { skill.name } else { "custom_skill" }),
            text("invocation_trigger", if is_asked_for { "user-slash" } else { "claude-proactive" }),
            text("skill.source", if plugin.is_some() { "plugin" } else { "projectSettings" }),
        ];
        self.event("skill_activated", told.into_iter().chain(plugin.into_iter().flatten()));
    }
}
