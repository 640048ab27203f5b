//! Numbers for people.

/// A whole number with its thousands apart: `12,345`.
pub(crate) fn grouped(number: impl TryInto<i128>) -> String {
    let Ok(number) = number.try_into() else { return "?".into() };
    let digits = number.unsigned_abs().to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        shown.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A number of things with their name, in the plural unless there is one: `1 person`, `2 people`.
pub(crate) fn of(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let shown = [0_i64, 999, 1_000, 1_234_567, -12_345].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567", "\u{2212}12,345"]);
        assert_eq!(
            (of(1, "person", "people"), of(1_200, "person", "people")),
            ("1 person".into(), "1,200 people".into())
        );
    }
}
