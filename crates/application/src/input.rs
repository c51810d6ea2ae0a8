//! Input that is not acceptable, field by field.

use gatewright_domain::account::display_name::{DisplayName, DisplayNameError};
use gatewright_domain::account::email::{EmailAddress, EmailError};
use gatewright_domain::account::settings::{UserSettings, UserSettingsError};
use gatewright_domain::account::username::{Username, UsernameError};
use gatewright_domain::password::password::{Password, PasswordError};
use secrecy::SecretString;
use thiserror::Error;

/// What is wrong with one field. It never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name.
    pub field: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

/// One or more fields are not acceptable; all of them are told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("input is not acceptable")]
pub struct InvalidInput(pub Vec<FieldFault>);

/// Reads fields into value objects and collects every fault on the way.
#[derive(Debug, Default)]
pub struct InputReader {
    faults: Vec<FieldFault>,
}

impl InputReader {
    /// Reads an e-mail address.
    pub fn email(&mut self, field: &'static str, text: &str) -> Option<EmailAddress> {
        let result = EmailAddress::parse(text);
        self.keep(field, result, |fault| match fault {
            EmailError::Empty => "required",
            EmailError::TooLong => "too_long",
            EmailError::Malformed | EmailError::LocalPart | EmailError::Domain => "invalid_email",
        })
    }

    /// Reads a username.
    pub fn username(&mut self, field: &'static str, text: &str) -> Option<Username> {
        let result = Username::parse(text);
        self.keep(field, result, |fault| match fault {
            UsernameError::Length => "invalid_length",
            UsernameError::Characters | UsernameError::Ends => "invalid_characters",
        })
    }

    /// Reads a display name.
    pub fn display_name(&mut self, field: &'static str, text: &str) -> Option<DisplayName> {
        let result = DisplayName::parse(text);
        self.keep(field, result, |fault| match fault {
            DisplayNameError::Length => "invalid_length",
            DisplayNameError::Control => "invalid_characters",
        })
    }

    /// Reads a settings document.
    pub fn settings(&mut self, field: &'static str, json: String) -> Option<UserSettings> {
        let result = UserSettings::from_json(json);
        self.keep(field, result, |fault| match fault {
            UserSettingsError::NotAnObject => "invalid_type",
            UserSettingsError::TooLarge => "too_long",
            UserSettingsError::TooDeep => "too_deep",
        })
    }

    /// Reads an existing password, to which no policy applies.
    pub fn password(&mut self, field: &'static str, entered: &SecretString) -> Option<Password> {
        let result = Password::parse(entered);
        self.keep(field, result, |fault| match fault {
            PasswordError::Empty => "required",
            PasswordError::TooLong => "too_long",
        })
    }

    /// What was found wrong.
    #[must_use]
    pub fn into_error(self) -> InvalidInput {
        InvalidInput(self.faults)
    }

    fn keep<T, E: std::error::Error>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
        code: impl Fn(&E) -> &'static str,
    ) -> Option<T> {
        result
            .map_err(|fault| {
                let (code, detail) = (code(&fault), fault.to_string());
                self.faults.push(FieldFault { field, code, detail });
            })
            .ok()
    }

    /// Whether nothing was found wrong so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}
