//! Guessing which setting a misspelt name was meant to be.

use crate::config::settings::all_settings;

const SHORT_NAME: usize = 8;

/// The setting that `name`, which is none itself, was probably meant to be: at most two letters away, one
/// where the name is short.
pub(crate) fn near_name(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix("_FILE").unwrap_or(name);
    let is_setting = |wanted: &str| all_settings().any(|setting| setting.name == wanted);
    if is_setting(name) || is_setting(stem) {
        return None;
    }
    all_settings()
        .map(|setting| (strsim::osa_distance(stem, setting.name), setting.name))
        .filter(|(distance, known)| *distance <= if known.len() < SHORT_NAME { 1 } else { 2 })
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_recognised() {
        assert_eq!(near_name("DATABSE_URL"), Some("DATABASE_URL"));
        assert_eq!(near_name("SECRET_KYE"), Some("SECRET_KEY"));
        assert_eq!(near_name("SECRET_KEYS_FILE"), Some("SECRET_KEY"));
        assert_eq!(near_name("WORKER"), Some("WORKERS"));
    }

    #[test]
    fn names_of_our_own_and_of_others_are_left_alone() {
        for name in [
            "BIND",
            "SECRET_KEY_FILE",
            "PATH",
            "HOME",
            "LOGNAME",
            "BAND_ID",
            "RUST_LOG",
        ] {
            assert_eq!(near_name(name), None, "{name}");
        }
    }
}
