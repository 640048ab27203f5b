//! Numbers for people.

use model::currency::Currency;

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

/// An amount of a currency: to the hundredth, small amounts to a hundredth of one.
pub(crate) fn money(amount: f64, currency: Currency) -> String {
    if amount > 0.0 && amount < 1.0 {
        return with_sign(currency, &format!("{amount:.4}"));
    }
    let hundredths = (amount * 100.0).round() as i64;
    with_sign(currency, &format!("{}.{:02}", grouped(hundredths / 100), (hundredths % 100).abs()))
}

/// A change of an amount, with its sign: `+$310.00`; a dash where there is none.
pub(crate) fn change(amount: f64, currency: Currency) -> String {
    let sign = match amount {
        0.0 => return "–".into(),
        more if more > 0.0 => "+",
        _ => "\u{2212}",
    };
    format!("{sign}{}", money(amount.abs(), currency))
}

/// A number with the sign of its currency, which is its code where others have the same sign.
pub(crate) fn with_sign(currency: Currency, number: &str) -> String {
    if currency == Currency::DOLLAR { format!("${number}") } else { format!("{currency}\u{a0}{number}") }
}

/// What stands above amounts: they are an estimate.
pub(crate) fn estimate(currency: Currency) -> String {
    if currency == Currency::DOLLAR { "US$, estimate".into() } else { format!("{currency}, estimate") }
}

/// Seconds as hours and minutes: `3 h 05 min`; many hours without them.
pub(crate) fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as i64;
    match (minutes / 60, minutes % 60) {
        (0, 0) if seconds > 0.0 => "under 1 min".into(),
        (0, minutes) => format!("{minutes} min"),
        (hours, _) if hours >= 100 => format!("{} h", grouped(hours)),
        (hours, minutes) => format!("{} h {minutes:02} min", grouped(hours)),
    }
}

/// A number in few characters: `1.2 M`.
pub(crate) fn short(number: f64) -> String {
    let (divisor, suffix) = match number.abs() {
        size if size >= 1e9 => (1e9, " G"),
        size if size >= 1e6 => (1e6, " M"),
        size if size >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    let scaled = number / divisor;
    let digits = usize::from(scaled.abs() < 100.0 && scaled.fract() != 0.0);
    let shown = if divisor > 1.0 || digits > 0 { format!("{scaled:.digits$}") } else { grouped(scaled as i64) };
    format!("{shown}{suffix}")
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
    #[test]
    fn amounts_and_times_are_written_as_people_write_them() {
        let dollars = [0.0, 0.0312, 1.0, 12_345.678].map(|amount| money(amount, Currency::DOLLAR));
        assert_eq!(dollars, ["$0.00", "$0.0312", "$1.00", "$12,345.68"]);
        let yen = Currency::new("JPY", 150.0).unwrap();
        assert_eq!(money(yen.of_dollars(12.5), yen), "JPY\u{a0}1,875.00");
        assert_eq!(
            [20.0, 2_700.0, 11_100.0, 3_600_500.0].map(duration),
            ["under 1 min", "45 min", "3 h 05 min", "1,000 h"]
        );
        assert_eq!(
            [0.0, 0.5, 7_500.0, 25_000.0, 1_234_567.0, 4e9].map(short),
            ["0", "0.5", "7,500", "25 k", "1.2 M", "4 G"]
        );
    }
}
