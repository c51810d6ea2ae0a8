//! What stands for a password in a filter.

use sha1::{Digest, Sha1};
use unicode_normalization::UnicodeNormalization;

/// The key of a password: the first eight bytes of its SHA-1, so that lists of SHA-1 digests (Have I Been Pwned) and
/// lists of passwords make the same filter. Nothing secret rests on SHA-1 here.
#[must_use]
pub fn key_of(password: &str) -> u64 {
    key_of_sha1(Sha1::digest(password).into())
}

/// The key of a password whose SHA-1 is known.
#[must_use]
pub fn key_of_sha1(digest: [u8; 20]) -> u64 {
    digest.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// The form in which a list's password is kept: trimmed, in NFC as the domain keeps passwords, and in lower case, in
/// which the policy looks every password up.
#[must_use]
pub fn listed_form(password: &str) -> String {
    password.trim().nfc().collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_beginning_of_the_sha_1() {
        // 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8
        assert_eq!(key_of("password"), 0x5baa_61e4_c9b9_3f3f);
    }

    #[test]
    fn a_listed_password_has_one_form() {
        assert_eq!(listed_form("  PassWord\t"), "password");
        assert_eq!(listed_form("CAFE\u{301}"), "caf\u{e9}");
    }
}
