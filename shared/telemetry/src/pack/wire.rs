//! Varints, and a reader that never reads past its end nor makes large allocations.

/// Why bytes could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Corrupt {
    /// A later release wrote them. They must be kept, to be read again after an update.
    #[error("the pack has format version {0}, which this release cannot read")]
    Version(u8),
    /// The bytes are damaged.
    #[error("the pack is damaged: {0}")]
    Damaged(&'static str),
}

/// Appends `number` as LEB128.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a signed number in zigzag.
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, zigzag(number));
}

pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Reads a pack. `budget` limits what decoding may allocate, since one value may apply to a whole column.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    budget: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], budget: usize) -> Self {
        Self { bytes, budget }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// Charges `size` bytes that decoding is about to hold.
    pub(crate) fn spend(&mut self, size: usize) -> Result<(), Corrupt> {
        self.budget =
            self.budget.checked_sub(size).ok_or(Corrupt::Damaged("it decodes to more than any pack holds"))?;
        Ok(())
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Corrupt> {
        let (first, rest) = self.bytes.split_first().ok_or(Corrupt::Damaged("it ends prematurely"))?;
        self.bytes = rest;
        Ok(*first)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Corrupt> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(Corrupt::Damaged("it ends prematurely"))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Corrupt> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Corrupt::Damaged("a number is longer than 64 bits"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, Corrupt> {
        self.number().map(unzigzag)
    }

    /// Reads a count of things that cost at least one byte of budget each.
    pub(crate) fn count(&mut self) -> Result<usize, Corrupt> {
        let count = usize::try_from(self.number()?).map_err(|_| Corrupt::Damaged("a count is out of range"))?;
        self.spend(count)?;
        Ok(count)
    }

    pub(crate) fn small(&mut self) -> Result<u32, Corrupt> {
        u32::try_from(self.number()?).map_err(|_| Corrupt::Damaged("a count is out of range"))
    }
}
