//! Telling typed-in keys from drawn ones.

use std::collections::BTreeSet;

/// Fewer different bytes, or fewer different steps from one to the next, than any 32 random characters have.
const MIN_VARIETY: usize = 8;

/// Whether the bytes show a pattern: one repeated, counted up, or a few in turn.
pub(crate) fn is_patterned(bytes: &[u8]) -> bool {
    let different: BTreeSet<u8> = bytes.iter().copied().collect();
    let neighbours = bytes.iter().zip(bytes.iter().skip(1));
    let steps: BTreeSet<u8> = neighbours.map(|(byte, next)| next.wrapping_sub(*byte)).collect();
    different.len() < MIN_VARIETY || steps.len() < MIN_VARIETY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use crate::os_random::random_bytes;

    #[test]
    fn patterns_are_seen() {
        let counted: Vec<u8> = (0x70..0x90).collect();
        for bytes in [
            &[0; 32],
            counted.as_slice(),
            b"01234567890123456789012345678901",
            b"abc1abc1abc1abc1abc1abc1abc1abc1",
        ] {
            assert!(is_patterned(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn random_bytes_and_their_hex_show_none() {
        for _ in 0..1_000 {
            let bytes = random_bytes::<32>();
            let hex = hex::encode(&bytes);
            assert!(!is_patterned(&bytes) && !is_patterned(hex.as_bytes()), "{hex}");
        }
    }
}
