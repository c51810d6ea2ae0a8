//! What is logged and how it looks.

use crate::config::parse::one_of;
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use tracing::level_filters::LevelFilter;

pub(crate) const LOG_LEVEL: Setting = Setting::new(
    "LOG_LEVEL",
    "info",
    "off, error, warn, info, debug or trace; libraries tell of warnings at most, unless named after it: `info,actix_server=debug`",
);
pub(crate) const LOG_FORMAT: Setting = Setting::new(
    "LOG_FORMAT",
    "auto",
    "`text` for people, `json` for machines, `auto`: text on a terminal and JSON otherwise",
);

/// What is logged and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// The level of our own crates; libraries are at `warn` at most.
    pub level: LevelFilter,
    /// Levels of single parts and libraries, by the beginning of their path.
    pub targets: Vec<(String, LevelFilter)>,
    /// How it looks.
    pub format: LogFormat,
}

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON document a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: LevelFilter::INFO,
            targets: Vec::new(),
            format: LogFormat::Auto,
        }
    }
}

impl LogConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let levels = reader.read(&LOG_LEVEL, levels);
        let formats = [
            ("auto", LogFormat::Auto),
            ("text", LogFormat::Text),
            ("json", LogFormat::Json),
        ];
        let format = reader.read(&LOG_FORMAT, one_of(&formats));
        let (level, targets) = levels?;
        Ok(Self {
            level,
            targets,
            format: format?,
        })
    }
}

type Levels = (LevelFilter, Vec<(String, LevelFilter)>);

fn levels(text: &str) -> Result<Levels, String> {
    let mut level = LevelFilter::INFO;
    let mut targets = Vec::new();
    for item in text.split(',').map(str::trim) {
        match item.split_once('=') {
            None => level = level_of(item)?,
            Some((target, word)) => targets.push((target.to_owned(), level_of(word)?)),
        }
    }
    Ok((level, targets))
}

fn level_of(word: &str) -> Result<LevelFilter, String> {
    let words = ["off", "error", "warn", "info", "debug", "trace"];
    let known = words.contains(&word.to_ascii_lowercase().as_str());
    let level = word.parse().ok().filter(|_| known);
    level.ok_or_else(|| format!("holds {word:?}, which is not one of {}", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_holds_for_all_and_others_for_parts() {
        assert_eq!(levels("warn"), Ok((LevelFilter::WARN, Vec::new())));
        let parts = vec![("actix_server".to_owned(), LevelFilter::DEBUG)];
        assert_eq!(levels("error, actix_server=debug"), Ok((LevelFilter::ERROR, parts)));
    }

    #[test]
    fn a_word_that_is_no_level_is_named() {
        for wrong in ["loud", "info,gatewright=loud", "", "3"] {
            assert!(levels(wrong).is_err(), "{wrong}");
        }
    }
}
