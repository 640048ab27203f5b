//! The currency that an organisation sees money in.
//!
//! Whatever is reported, stored and added up is in US dollars: Claude Code reports them, and its prices are in them. So no two
//! currencies are ever added; the sums are shown in another one, at the rate that the organisation names.

use std::fmt;

/// How many parts of a unit rates are stored in.
const PARTS: f64 = 1e6;
/// The most that a US dollar may be worth.
const MOST: f64 = 1e6;

/// A currency, and what a US dollar is worth in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    code: [u8; 3],
    millionths: i64,
}

impl Currency {
    /// The US dollar itself.
    pub const DOLLAR: Self = Self { code: *b"USD", millionths: PARTS as i64 };

    /// The currency with this code of three capital letters (ISO 4217) in which a US dollar is worth `per_usd`, to the millionth;
    /// `None` if that cannot be, as of a dollar that is not worth a dollar.
    #[must_use]
    pub fn new(code: &str, per_usd: f64) -> Option<Self> {
        let is_rate = per_usd > 0.0 && per_usd <= MOST;
        Self::of_millionths(code, is_rate.then(|| (per_usd * PARTS).round() as i64)?)
    }

    /// The same of a rate in millionths, as it is stored.
    #[must_use]
    pub fn of_millionths(code: &str, millionths: i64) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        let currency = Self { code, millionths };
        let is_another = code != Self::DOLLAR.code || currency == Self::DOLLAR;
        (code.iter().all(u8::is_ascii_uppercase) && millionths > 0 && is_another).then_some(currency)
    }

    /// What a US dollar is worth, in millionths.
    #[must_use]
    pub fn millionths(self) -> i64 {
        self.millionths
    }

    /// What a US dollar is worth.
    #[must_use]
    pub fn per_usd(self) -> f64 {
        self.millionths as f64 / PARTS
    }

    /// An amount of US dollars in this currency.
    #[must_use]
    pub fn of_dollars(self, dollars: f64) -> f64 {
        if self == Self::DOLLAR { dollars } else { dollars * self.per_usd() }
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self::DOLLAR
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.code).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_has_a_code_and_what_a_dollar_is_worth() {
        let euro = Currency::new("EUR", 0.92).unwrap();
        assert_eq!((euro.to_string(), euro.per_usd(), euro.of_dollars(2.0)), ("EUR".into(), 0.92, 1.84));
        assert_eq!(Currency::of_millionths("EUR", euro.millionths()), Some(euro));
        assert_eq!(Currency::new("USD", 1.0), Some(Currency::DOLLAR));
        assert_eq!(Currency::DOLLAR.of_dollars(0.1), 0.1);
    }

    #[test]
    fn what_is_no_currency_or_no_rate_is_refused() {
        for code in ["", "eur", "EURO", "E1R", "€", "\u{e9}R"] {
            assert_eq!(Currency::new(code, 1.0), None, "{code}");
        }
        for rate in [0.0, -1.0, 1e-9, 1e7, f64::NAN, f64::INFINITY] {
            assert_eq!(Currency::new("EUR", rate), None, "{rate}");
        }
        assert_eq!(Currency::new("USD", 0.5), None, "a dollar is worth a dollar");
    }
}
