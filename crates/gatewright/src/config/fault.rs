//! What is wrong with a setting, told in one line.

use crate::config::setting::Setting;
use std::error::Error;
use std::fmt;

/// One thing wrong with one setting. It names the setting, says what is wrong and gives an example; it never shows
/// the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    name: String,
    wrong: String,
    example: String,
}

impl Fault {
    /// `value`, as it may be shown, "is not …".
    pub(crate) fn of_value(setting: &Setting, value: &str, wrong: &str) -> Self {
        Self::of(setting, &format!("{} {wrong}", setting.shown_in_fault(value)))
    }

    /// Something about the setting that is not its value.
    pub(crate) fn of(setting: &Setting, wrong: &str) -> Self {
        Self {
            name: setting.name.to_owned(),
            wrong: wrong.to_owned(),
            example: setting.example_line(),
        }
    }

    /// Something wrong with the file `.env` itself.
    pub(crate) fn of_dotenv(wrong: &str) -> Self {
        Self {
            name: ".env".to_owned(),
            wrong: wrong.to_owned(),
            example: "BIND=127.0.0.1:8000".to_owned(),
        }
    }

    /// The name of the setting.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; example: {}", self.name, self.wrong, self.example)
    }
}

/// Everything that is wrong with the settings, at least one [`Fault`]; displayed one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Fault::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Error for Faults {}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}
