//! Display names: free text shown to people.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Longest display name, in code points.
pub const MAX_DISPLAY_NAME_CHARS: usize = 64;

/// A name shown to people, in NFC, trimmed. It identifies nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why a text is not an acceptable display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DisplayNameError {
    /// Empty, or over [`MAX_DISPLAY_NAME_CHARS`].
    #[error("a display name has 1 to 64 characters")]
    Length,
    /// A control character, a line break or a mark that reorders the text around it.
    #[error("a display name holds no control characters")]
    Control,
}

impl DisplayName {
    /// Reads a display name as typed; surrounding white space is dropped.
    ///
    /// # Errors
    /// See [`DisplayNameError`].
    pub fn parse(text: &str) -> Result<Self, DisplayNameError> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() || name.chars().count() > MAX_DISPLAY_NAME_CHARS {
            return Err(DisplayNameError::Length);
        }
        if name.chars().any(|c| c.is_control() || reorders_text(c)) {
            return Err(DisplayNameError::Control);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Line and paragraph separators and the bidirectional controls of UAX 9.
fn reorders_text(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_accepted_in_nfc() {
        assert_eq!(DisplayName::parse("  Zoe\u{308} 王 ").unwrap().as_str(), "Zoë 王");
    }

    #[test]
    fn control_and_reordering_characters_are_refused() {
        for text in ["a\nb", "a\u{202e}b", "a\0", "x\u{2028}y"] {
            assert_eq!(DisplayName::parse(text), Err(DisplayNameError::Control), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_code_points() {
        assert!(DisplayName::parse(&"王".repeat(64)).is_ok());
        assert_eq!(DisplayName::parse(&"王".repeat(65)), Err(DisplayNameError::Length));
        assert_eq!(DisplayName::parse("   "), Err(DisplayNameError::Length));
    }
}
