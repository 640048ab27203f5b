//! Fractional numbers, written as the short decimals they nearly always are.
//!
//! A client adds up prices in doubles and sends `0.013139999999999999`. That is written as the decimal 0.01314 and "one
//! step below", so the double is restored bit for bit from five bytes instead of nine.

use super::wire::{Corrupt, Reader, put, unzigzag, zigzag};

/// The most decimal places that are tried; prices of tokens are multiples of nano-dollars.
const PLACES: u32 = 9;
/// Beyond this, the mantissa with nine places is no longer an exact double.
const LARGEST: f64 = 9_000_000.0;
/// The most steps between the decimal and the double that fit into three bits; 7 means that the double follows as it
/// is.
const STEPS: i64 = 3;
const RAW: u64 = 7;

/// Appends `number`: `(zigzag(mantissa) * 10 + places) * 8 + steps`, or the raw double.
pub(super) fn put_number(out: &mut Vec<u8>, number: f64) {
    match decimal(number) {
        Some((mantissa, places, steps)) => put(out, (zigzag(mantissa) * 10 + u64::from(places)) * 8 + steps),
        None => {
            put(out, RAW);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

pub(super) fn read_number(reader: &mut Reader<'_>) -> Result<f64, Corrupt> {
    let code = reader.number()?;
    if code & 7 == RAW {
        let bytes = reader.bytes(8)?.try_into().map_err(|_| Corrupt::Damaged("it ends prematurely"))?;
        return Ok(f64::from_le_bytes(bytes));
    }
    let steps = (code & 7) as i64 - STEPS;
    let places = (code >> 3) % 10;
    let mantissa = unzigzag((code >> 3) / 10);
    let nearest = value_of(mantissa, places as u32);
    Ok(f64::from_bits(nearest.to_bits().wrapping_add_signed(steps)))
}

fn decimal(number: f64) -> Option<(i64, u32, u64)> {
    if !number.is_finite() || number.abs() > LARGEST || number == 0.0 {
        return None;
    }
    let mut mantissa = (number * 10_f64.powi(PLACES as i32)).round() as i64;
    let mut places = PLACES;
    while places > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        places -= 1;
    }
    let nearest = value_of(mantissa, places);
    let steps = number.to_bits().wrapping_sub(nearest.to_bits()) as i64;
    (steps.abs() <= STEPS).then_some((mantissa, places, (steps + STEPS) as u64))
}

fn value_of(mantissa: i64, places: u32) -> f64 {
    mantissa as f64 / 10_f64.powi(places as i32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(number: f64) -> (f64, usize) {
        let mut out = Vec::new();
        put_number(&mut out, number);
        (read_number(&mut Reader::new(&out, 100)).unwrap(), out.len())
    }

    #[test]
    fn prices_are_small_and_exact_with_their_rounding_error() {
        for price in [0.013_14, 0.013_139_999_999_999_999, 0.006_315_999_999_999_999_6, 0.000_000_5, 1.25] {
            let (back, len) = there_and_back(price);
            assert_eq!(back.to_bits(), price.to_bits());
            assert!(len <= 4, "{price} took {len} bytes");
        }
    }

    proptest! {
        #[test]
        fn every_double_comes_back_bit_for_bit(bits: u64) {
            let number = f64::from_bits(bits);
            prop_assert_eq!(there_and_back(number).0.to_bits(), bits);
        }

        #[test]
        fn every_price_comes_back_bit_for_bit(nanos in -9_000_000_000_000_000_i64..9_000_000_000_000_000, step in -5_i64..5) {
            let number = f64::from_bits((nanos as f64 / 1e9).to_bits().wrapping_add_signed(step));
            prop_assert_eq!(there_and_back(number).0.to_bits(), number.to_bits());
        }
    }
}
