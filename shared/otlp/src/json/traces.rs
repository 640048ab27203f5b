//! Spans, from the request down.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use serde::de::MapAccess;

use super::Request;
use super::scalar::{enumeration, id, integer, text};
use super::value::{Object, Value};
use crate::budget::READ;

impl Request for ExportTraceServiceRequest {
    const NAME: &'static str = "resourceSpans";
}

impl Object for ExportTraceServiceRequest {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            Self::NAME => self.resource_spans = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ResourceSpans {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "resource" => self.resource = value.message()?,
            "scopeSpans" | "instrumentationLibrarySpans" => self.scope_spans = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ScopeSpans {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "scope" | "instrumentationLibrary" => self.scope = value.message()?,
            "spans" => self.spans = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Span {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "traceId" => self.trace_id = value.read(id)?,
            "spanId" => self.span_id = value.read(id)?,
            "traceState" => self.trace_state = value.read(text)?,
            "parentSpanId" => self.parent_span_id = value.read(id)?,
            "flags" => self.flags = value.read(integer)?,
            "name" => self.name = value.read(text)?,
            "kind" => self.kind = value.strict(enumeration)?,
            "startTimeUnixNano" => self.start_time_unix_nano = value.read(integer)?,
            "endTimeUnixNano" => self.end_time_unix_nano = value.read(integer)?,
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            "events" => self.events = value.messages()?,
            "droppedEventsCount" => self.dropped_events_count = value.read(integer)?,
            "links" => self.links = value.messages()?,
            "droppedLinksCount" => self.dropped_links_count = value.read(integer)?,
            "status" => self.status = value.message()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Event {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "name" => self.name = value.read(text)?,
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Link {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "traceId" => self.trace_id = value.read(id)?,
            "spanId" => self.span_id = value.read(id)?,
            "traceState" => self.trace_state = value.read(text)?,
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            "flags" => self.flags = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Status {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "message" => self.message = value.read(text)?,
            "code" => self.code = value.strict(enumeration)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
