//! What the instance is for.

use crate::config::parse::one_of;
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;

pub(crate) const APP_ENV: Setting = Setting::new(
    "APP_ENV",
    "development",
    "`production` refuses weak or missing secrets and plain-HTTP public URLs, and has no development pages",
);

/// What the instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Trying things out: keys are made at first start, mails can be read on a page.
    Development,
    /// Real users.
    Production,
}

impl Environment {
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("development", Self::Development), ("production", Self::Production)];

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        reader.read(&APP_ENV, one_of(&Self::WORDS))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}
