//! List prices of AWS, and what a stack costs a month beside its traffic.

use serde_json::Value;
use service::ingest::metrics::Minute;

use crate::captures::data;
use crate::template::Template;

/// Hours of a month, by which metrics are billed.
pub const HOURS: f64 = 730.0;

/// The prices in `tests/data/prices.json`.
#[derive(Debug, Clone)]
pub struct Prices(Value);

impl Prices {
    /// Reads them.
    ///
    /// # Panics
    /// They are no JSON.
    #[must_use]
    pub fn read() -> Self {
        Self(serde_json::from_slice(&std::fs::read(data("prices.json")).unwrap()).unwrap())
    }

    /// A price, in USD.
    ///
    /// # Panics
    /// There is none of this name.
    #[must_use]
    pub fn of(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap()
    }

    /// Where and when they were those of AWS.
    ///
    /// # Panics
    /// They do not say.
    #[must_use]
    pub fn origin(&self) -> (&str, &str) {
        (self.0["region"].as_str().unwrap(), self.0["as_of"].as_str().unwrap())
    }

    /// What a stack with one organisation costs a month for being there: its secrets and the alarms that are always there.
    #[must_use]
    pub fn idle(&self, template: &Template) -> f64 {
        // One secret more than the template has, of the first organisation.
        let secrets = always(template, "AWS::SecretsManager::Secret") + 1;
        let alarms = always(template, "AWS::CloudWatch::Alarm");
        secrets as f64 * self.of("secret_month") + alarms as f64 * self.of("cloudwatch_alarm_month")
    }

    /// What the metrics of ingest cost a month in which exports are taken in so many hours: a metric is paid for in the hours in which it
    /// is written. <https://aws.amazon.com/cloudwatch/pricing/>
    #[must_use]
    pub fn metrics(&self, hours: f64) -> f64 {
        let minute = Minute { exports: 1, latencies: vec![1.0], ..Minute::default() };
        let line = minute.metrics("stack", "ingest");
        let written = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().map_or(0, Vec::len);
        written as f64 * self.of("cloudwatch_metric_month") * hours / HOURS
    }
}

/// How many resources of a kind there are whatever is asked for.
#[must_use]
pub fn always(template: &Template, kind: &'static str) -> usize {
    template.resources(kind).filter(|(_, own)| own["Condition"].is_null()).count()
}
