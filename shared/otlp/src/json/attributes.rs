//! Attributes and their values, and the messages that consist of attributes: resources and scopes.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde::de::MapAccess;

use super::scalar::{boolean, bytes, double, integer, text};
use super::value::{Object, Value};
use crate::budget::{ATTRIBUTE, ELEMENT};

impl Object for Resource {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for InstrumentationScope {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "name" => self.name = value.read(text)?,
            "version" => self.version = value.read(text)?,
            "attributes" => self.attributes = value.messages()?,
            "droppedAttributesCount" => self.dropped_attributes_count = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for KeyValue {
    const WEIGHT: usize = ATTRIBUTE;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "key" => self.key = value.strict(text)?,
            "value" => self.value = value.message()?,
            "keyStrindex" => self.key_strindex = value.strict(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

/// If several members of the oneof are given, the last one that is not null counts, since null means that a member is
/// not set.
impl Object for AnyValue {
    const IS_VALUE: bool = true;
    const WEIGHT: usize = ELEMENT;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let read = match field {
            "stringValue" => value.optional(text)?.map(Any::StringValue),
            "boolValue" => value.optional(boolean)?.map(Any::BoolValue),
            "intValue" => value.optional(integer)?.map(Any::IntValue),
            "doubleValue" => value.optional(double)?.map(Any::DoubleValue),
            "arrayValue" => value.message()?.map(Any::ArrayValue),
            "kvlistValue" => value.message()?.map(Any::KvlistValue),
            "bytesValue" => value.optional(bytes)?.map(Any::BytesValue),
            "stringValueStrindex" => value.optional(integer)?.map(Any::StringValueStrindex),
            _ => return value.skip(),
        };
        self.value = read.or(self.value.take());
        Ok(())
    }
}

impl Object for ArrayValue {
    const IS_VALUE: bool = true;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "values" => self.values = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for KeyValueList {
    const IS_VALUE: bool = true;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "values" => self.values = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
