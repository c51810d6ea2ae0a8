//! What a mail says.

use std::collections::BTreeMap;
use std::fmt;

/// Every mail there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MailTemplate {
    /// Code and link that prove the address of a new account.
    VerifyRegistration,
    /// To an owner: somebody signed up with your address, which has an account.
    AlreadyRegistered,
    /// Code and link that prove a new address.
    VerifyEmailChange,
    /// To the old address: a change was asked for.
    EmailChangeRequested,
    /// To the old address: the change happened.
    EmailChanged,
    /// Link that sets a new password.
    PasswordResetLink,
    /// Code that sets a new password.
    PasswordResetCode,
    /// The password was changed or reset.
    PasswordChanged,
    /// A session was ended because a spent refresh token came back.
    SessionEndedForReuse,
}

impl MailTemplate {
    /// Every template.
    pub const ALL: [Self; 9] = [
        Self::VerifyRegistration,
        Self::AlreadyRegistered,
        Self::VerifyEmailChange,
        Self::EmailChangeRequested,
        Self::EmailChanged,
        Self::PasswordResetLink,
        Self::PasswordResetCode,
        Self::PasswordChanged,
        Self::SessionEndedForReuse,
    ];

    /// A stable name, also of the template's files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyRegistration => "verify_registration",
            Self::AlreadyRegistered => "already_registered",
            Self::VerifyEmailChange => "verify_email_change",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::PasswordResetLink => "password_reset_link",
            Self::PasswordResetCode => "password_reset_code",
            Self::PasswordChanged => "password_changed",
            Self::SessionEndedForReuse => "session_ended_for_reuse",
        }
    }

    /// The template of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.as_str() == word)
    }
}

/// A template and the values to fill in. `Debug` shows the values' names only: they hold codes and links.
#[derive(Clone, PartialEq, Eq)]
pub struct MailContent {
    /// Which mail.
    pub template: MailTemplate,
    /// Its values by name; see `compose` for which template gets which.
    pub values: BTreeMap<String, String>,
}

impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.keys().collect();
        f.debug_struct("MailContent")
            .field("template", &self.template)
            .field("values", &names)
            .finish()
    }
}

/// A mail's subject and bodies. `Debug` shows the subject only.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// One line.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedMail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
