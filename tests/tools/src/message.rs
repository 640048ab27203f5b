//! Messages without their generated types, written in both encodings of OTLP.

/// A field of a message.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its number in the `.proto` file.
    pub tag: u8,
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub value: Value,
}

/// The value of a field.
#[derive(Debug, Clone)]
pub enum Value {
    /// `string`
    Text(String),
    /// `bytes` that are hexadecimal in JSON.
    Id(Vec<u8>),
    /// `fixed64`
    Fixed(u64),
    /// `double`
    Double(f64),
    /// An integer of variable length that is not negative.
    Int(u64),
    /// A message.
    Message(Vec<Field>),
    /// A list.
    List(Vec<Value>),
    /// A list of `fixed64` or of `uint64`, packed.
    Packed(Vec<u64>, bool),
}

/// A field.
#[must_use]
pub fn field(tag: u8, name: &'static str, value: Value) -> Field {
    Field { tag, name, value }
}

/// A message in protobuf.
#[must_use]
pub fn protobuf(fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    fields.iter().for_each(|field| put(&mut out, field.tag, &field.value));
    out
}

fn put(out: &mut Vec<u8>, tag: u8, value: &Value) {
    let key = |wire: u8| u64::from(tag) << 3 | u64::from(wire);
    let delimited = |out: &mut Vec<u8>, bytes: &[u8]| {
        varint(out, key(2));
        varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    };
    match value {
        Value::Text(text) => delimited(out, text.as_bytes()),
        Value::Id(bytes) => delimited(out, bytes),
        Value::Message(fields) => delimited(out, &protobuf(fields)),
        Value::Fixed(number) => {
            varint(out, key(1));
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Double(number) => {
            varint(out, key(1));
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Int(number) => {
            varint(out, key(0));
            varint(out, *number);
        }
        Value::List(values) => values.iter().for_each(|value| put(out, tag, value)),
        Value::Packed(numbers, fixed) => {
            let mut bytes = Vec::new();
            for number in numbers {
                if *fixed { bytes.extend_from_slice(&number.to_le_bytes()) } else { varint(&mut bytes, *number) }
            }
            delimited(out, &bytes);
        }
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A message in JSON.
#[must_use]
pub fn json(fields: &[Field]) -> String {
    let mut out = String::new();
    object(&mut out, fields);
    out
}

fn object(out: &mut String, fields: &[Field]) {
    out.push('{');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        *out += &format!("\"{}\":", field.name);
        scalar(out, &field.value);
    }
    out.push('}');
}

fn scalar(out: &mut String, value: &Value) {
    match value {
        Value::Text(text) => *out += &format!("\"{text}\""),
        Value::Id(bytes) => *out += &format!("\"{}\"", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        Value::Fixed(number) | Value::Int(number) => *out += &format!("\"{number}\""),
        Value::Double(number) => *out += &number.to_string(),
        Value::Message(fields) => object(out, fields),
        Value::List(values) => joined(out, values, scalar),
        Value::Packed(numbers, _) => joined(out, numbers, |out, number| *out += &number.to_string()),
    }
}

fn joined<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}
