//! Log records, from the request down.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use serde::de::MapAccess;

use super::Request;
use super::scalar::{enumeration, id, integer, text};
use super::value::{Object, Value};
use crate::budget::READ;

impl Request for ExportLogsServiceRequest {
    const NAME: &'static str = "resourceLogs";
}

impl Object for ExportLogsServiceRequest {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            Self::NAME => self.resource_logs = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ResourceLogs {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "resource" => self.resource = value.message()?,
            "scopeLogs" | "instrumentationLibraryLogs" => self.scope_logs = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ScopeLogs {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "scope" | "instrumentationLibrary" => self.scope = value.message()?,
            "logRecords" | "logs" => self.log_records = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for LogRecord {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "observedTimeUnixNano" => self.observed_time_unix_nano = value.read(integer)?,
            "severityNumber" => self.severity_number = value.strict(enumeration)?,
            "severityText" => self.severity_text = value.read(text)?,
            "body" => self.body = value.message()?,
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            "flags" => self.flags = value.read(integer)?,
            "traceId" => self.trace_id = value.read(id)?,
            "spanId" => self.span_id = value.read(id)?,
            "eventName" => self.event_name = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
