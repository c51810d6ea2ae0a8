//! Giving given values their types, and collecting what is wrong with them.

use crate::config::fault::Fault;
use crate::config::given::{Given, Origin};
use crate::config::setting::{DefaultValue, Setting};
use secrecy::ExposeSecret;

/// Reads typed values. A section reads all of its settings before it gives up on any, so that every fault is told
/// at once.
pub(crate) struct Reader<'a> {
    given: &'a Given,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<String>,
}

/// A value cannot be had; its fault is among [`Reader::faults`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Faulty;

impl<'a> Reader<'a> {
    pub(crate) fn new(given: &'a Given) -> Self {
        Self {
            given,
            faults: given.faults.clone(),
            warnings: given.warnings.clone(),
        }
    }

    /// The value given, or the default.
    pub(crate) fn read<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, Faulty> {
        match (self.given.value(setting), setting.default) {
            (Some(given), _) => self.parse(setting, given.text.expose_secret(), parse),
            (None, DefaultValue::Value(default)) => self.parse(setting, default, parse),
            (None, DefaultValue::Derived(_)) => {
                self.refuse(setting, "must be given");
                Err(Faulty)
            }
        }
    }

    /// The value given, if any.
    pub(crate) fn read_optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Faulty> {
        match self.given.value(setting) {
            Some(given) => self.parse(setting, given.text.expose_secret(), parse).map(Some),
            None => Ok(None),
        }
    }

    /// Where the value given comes from.
    pub(crate) fn origin(&self, setting: &Setting) -> Option<Origin> {
        self.given.value(setting).map(|given| given.origin.clone())
    }

    /// What an instance for real users cannot do without. One that was given and cannot be had has its fault already.
    pub(crate) fn must_be_given(&mut self, setting: &Setting) {
        let is_faulty = self.faults.iter().any(|fault| fault.name() == setting.name);
        if self.given.value(setting).is_none() && !is_faulty {
            self.refuse(setting, "must be given with APP_ENV=production");
        }
    }

    pub(crate) fn refuse(&mut self, setting: &Setting, wrong: &str) {
        self.faults.push(Fault::of(setting, wrong));
    }

    pub(crate) fn warn(&mut self, setting: &Setting, warning: &str) {
        self.warnings.push(format!("{}: {warning}", setting.name));
    }

    fn parse<T>(
        &mut self,
        setting: &Setting,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, Faulty> {
        parse(text.trim()).map_err(|wrong| {
            self.faults.push(Fault::of_value(setting, text, &wrong));
            Faulty
        })
    }
}
