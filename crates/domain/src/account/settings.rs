//! Free per-user settings: a JSON object that belongs to the product in front of us.

use thiserror::Error;

/// Largest settings document, in bytes of JSON.
pub const MAX_SETTINGS_BYTES: usize = 16 * 1024;
/// Deepest nesting of objects and arrays in it.
pub const MAX_SETTINGS_DEPTH: usize = 16;

/// A JSON object kept for the product, never read by Gatewright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSettings(String);

/// Why a document is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UserSettingsError {
    /// Not a JSON object.
    #[error("settings must be a JSON object")]
    NotAnObject,
    /// Over [`MAX_SETTINGS_BYTES`].
    #[error("settings hold at most 16 KiB of JSON")]
    TooLarge,
    /// Over [`MAX_SETTINGS_DEPTH`].
    #[error("settings nest at most 16 levels deep")]
    TooDeep,
}

impl UserSettings {
    /// Takes a document that the caller has serialised itself, so that it is known to be JSON.
    ///
    /// # Errors
    /// See [`UserSettingsError`].
    pub fn from_json(json: String) -> Result<Self, UserSettingsError> {
        if !json.starts_with('{') {
            return Err(UserSettingsError::NotAnObject);
        }
        if json.len() > MAX_SETTINGS_BYTES {
            return Err(UserSettingsError::TooLarge);
        }
        if nesting_depth(&json) > MAX_SETTINGS_DEPTH {
            return Err(UserSettingsError::TooDeep);
        }
        Ok(Self(json))
    }

    /// The document as JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for UserSettings {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

fn nesting_depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_settings() {
        assert!(UserSettings::from_json(r#"{"theme":"dark"}"#.into()).is_ok());
        for json in ["[]", "1", "null", "\"{}\""] {
            assert_eq!(
                UserSettings::from_json(json.into()),
                Err(UserSettingsError::NotAnObject),
                "{json}"
            );
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let padded = |n: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(n));
        assert!(UserSettings::from_json(padded(MAX_SETTINGS_BYTES - 8)).is_ok());
        assert_eq!(
            UserSettings::from_json(padded(MAX_SETTINGS_BYTES - 7)),
            Err(UserSettingsError::TooLarge)
        );
        let nested = |n: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(UserSettings::from_json(nested(15)).is_ok());
        assert_eq!(UserSettings::from_json(nested(16)), Err(UserSettingsError::TooDeep));
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        let json = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(40));
        assert!(UserSettings::from_json(json).is_ok());
    }
}
