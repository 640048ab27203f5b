//! What ingest did in a minute, in one line: of every export a line would cost more than storing it.
//!
//! A minute's metrics are flushed by the first export after it, since nothing runs on Lambda between two requests; those of a process's
//! last, incomplete minute are lost. Nothing here is about persons or organisations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use model::time::{MINUTE, Timestamp};

/// Most latencies that the embedded metric format takes of a minute.
const LATENCIES: usize = 100;

/// What an export left behind, for logs and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stored {
    /// Records stored, or stored before.
    pub accepted: u64,
    /// Records that were not usable.
    pub rejected: u64,
    /// Packs that had been stored before.
    pub duplicates: u32,
    /// Write units consumed.
    pub write_units: f64,
}

/// What was taken and refused in one minute by one process.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Minute {
    /// When it began.
    pub began: Timestamp,
    /// Exports stored.
    pub exports: u64,
    /// Records stored, or stored before.
    pub accepted: u64,
    /// Records of stored exports that were not usable.
    pub rejected: u64,
    /// Packs that had been stored before.
    pub duplicates: u64,
    /// Write units consumed.
    pub write_units: f64,
    /// How long the first exports took, in milliseconds.
    pub latencies: Vec<f64>,
    /// Exports refused, by the name of the refusal.
    pub refused: BTreeMap<&'static str, u64>,
}

/// The minute that is under way. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Minutes {
    current: Arc<Mutex<Minute>>,
    listener: fn(&Minute),
}

impl Default for Minutes {
    fn default() -> Self {
        Self::flush_to(Minute::log)
    }
}

impl Minutes {
    pub(super) fn flush_to(listener: fn(&Minute)) -> Self {
        Self { current: Arc::default(), listener }
    }

    pub(super) fn stored(&self, stored: &Stored, latency: Duration, now: Timestamp) {
        self.note(now, |minute| {
            minute.exports += 1;
            minute.accepted += stored.accepted;
            minute.rejected += stored.rejected;
            minute.duplicates += u64::from(stored.duplicates);
            minute.write_units += stored.write_units;
            if minute.latencies.len() < LATENCIES {
                minute.latencies.push((latency.as_secs_f64() * 1e5).round() / 100.0);
            }
        });
    }

    pub(super) fn refused(&self, reason: &'static str, now: Timestamp) {
        self.note(now, |minute| *minute.refused.entry(reason).or_default() += 1);
    }

    fn note(&self, now: Timestamp, add: impl FnOnce(&mut Minute)) {
        let began = now.floor(MINUTE);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = (current.began != began)
            .then(|| std::mem::replace(&mut *current, Minute { began, ..Minute::default() }))
            .filter(|ended| ended.exports > 0 || !ended.refused.is_empty());
        add(&mut current);
        drop(current);
        if let Some(ended) = ended {
            (self.listener)(&ended);
        }
    }
}

impl Minute {
    /// Writes the minute into the log.
    pub fn log(&self) {
        let refused: u64 = self.refused.values().sum();
        let Self { exports, accepted, rejected, duplicates, write_units, .. } = self;
        tracing::info!(exports, accepted, rejected, duplicates, write_units, refused, "exports of a minute");
    }

    /// The minute in CloudWatch's embedded metric format, with the name of the function as its dimension:
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    #[must_use]
    pub fn metrics(&self, namespace: &str, function: &str) -> Value {
        let mut line = json!({
            "level": "INFO",
            "message": "exports of a minute",
            "Function": function,
            "Exports": self.exports,
            "AcceptedRecords": self.accepted,
            "RejectedRecords": self.rejected,
            "DuplicatePacks": self.duplicates,
            "WriteUnits": self.write_units,
        });
        let count = |name: &str| json!({"Name": name, "Unit": "Count"});
        let mut definitions: Vec<Value> =
            ["Exports", "AcceptedRecords", "RejectedRecords", "DuplicatePacks", "WriteUnits"].map(count).into();
        if !self.latencies.is_empty() {
            definitions.push(json!({"Name": "Latency", "Unit": "Milliseconds"}));
            line["Latency"] = json!(self.latencies);
        }
        for (reason, times) in &self.refused {
            let name = format!("Refused{reason}");
            definitions.push(count(&name));
            line[name] = json!(times);
        }
        line["_aws"] = json!({
            "Timestamp": self.began.0,
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [["Function"]], "Metrics": definitions}],
        });
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::SECOND;

    static TOLD: Mutex<Vec<Minute>> = Mutex::new(Vec::new());

    #[test]
    fn a_minute_is_told_once_by_what_comes_after_it() {
        let minutes = Minutes::flush_to(|minute| TOLD.lock().unwrap().push(minute.clone()));
        let stored = Stored { accepted: 7, rejected: 1, duplicates: 2, write_units: 3.0 };
        for second in 0..59 {
            minutes.stored(&stored, Duration::from_micros(1_234), Timestamp::after(second, SECOND));
        }
        minutes.refused("Throttled", Timestamp::after(59, SECOND));
        assert!(TOLD.lock().unwrap().is_empty());
        minutes.stored(&stored, Duration::ZERO, Timestamp::after(5, MINUTE));
        let told = TOLD.lock().unwrap().clone();
        assert_eq!(told.len(), 1);
        let minute = &told[0];
        assert_eq!((minute.exports, minute.accepted, minute.duplicates), (59, 59 * 7, 118));
        assert_eq!((minute.latencies[0], minute.refused["Throttled"]), (1.23, 1));
    }

    #[test]
    fn every_metric_that_is_defined_has_a_value_and_the_other_way_round() {
        let mut minute = Minute { exports: 2, latencies: vec![1.5, 2.5], ..Minute::default() };
        minute.refused.insert("Unauthenticated", 3);
        let line = minute.metrics("telemetry", "telemetry-ingest");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let names: Vec<&str> =
            directive["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        for name in &names {
            assert!(line[*name].is_number() || line[*name].is_array(), "{name}");
        }
        assert!(names.contains(&"RefusedUnauthenticated") && names.contains(&"Latency"));
        assert_eq!(
            (&line["Function"], &directive["Dimensions"][0][0]),
            (&json!("telemetry-ingest"), &json!("Function"))
        );
        assert_eq!(line.as_object().unwrap().len(), names.len() + 4, "nothing else is in the line");
    }
}
