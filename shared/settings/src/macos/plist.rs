//! XML property lists, as far as preferences need them.

const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
     <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";

/// A value of a property list.
pub(super) enum Node {
    Text(String),
    Integer(u8),
    Array(Vec<Node>),
    Dict(Vec<(&'static str, Node)>),
}

impl Node {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn write(&self, depth: usize, out: &mut String) {
        let indent = "\t".repeat(depth);
        match self {
            Self::Text(text) => out.push_str(&format!("{indent}<string>{}</string>\n", escaped(text))),
            Self::Integer(number) => out.push_str(&format!("{indent}<integer>{number}</integer>\n")),
            Self::Array(items) => {
                out.push_str(&format!("{indent}<array>\n"));
                for item in items {
                    item.write(depth + 1, out);
                }
                out.push_str(&format!("{indent}</array>\n"));
            }
            Self::Dict(entries) => {
                out.push_str(&format!("{indent}<dict>\n"));
                for (key, value) in entries {
                    out.push_str(&format!("{indent}\t<key>{}</key>\n", escaped(key)));
                    value.write(depth + 1, out);
                }
                out.push_str(&format!("{indent}</dict>\n"));
            }
        }
    }
}

/// A complete document with `root` in it, preceded by `comment`, whose lines must not contain `--`.
pub(super) fn document(root: &Node, comment: impl Iterator<Item = String>) -> String {
    let mut out = format!("{PROLOGUE}<!--\n");
    for line in comment {
        out.push_str(&format!("  {line}\n"));
    }
    out.push_str("-->\n<plist version=\"1.0\">\n");
    root.write(0, &mut out);
    out.push_str("</plist>\n");
    out
}

/// Escapes text for the content of an element. `&` comes first, or it would be escaped twice; `>` because of `]]>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
