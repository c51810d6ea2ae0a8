//! What makes a new password acceptable: length, not being a known one, not being about its owner.

use crate::account::email::EmailAddress;
use crate::account::username::Username;
use crate::password::password::Password;
use thiserror::Error;

/// The least any policy may ask for (ASVS 6.2.1).
pub const LOWEST_MIN_LENGTH: usize = 8;
/// The default where a password is the only factor (NIST SP 800-63B-4 §3.1.1.2).
pub const NIST_MIN_LENGTH: usize = 15;
/// The default where composition rules are asked for as well.
pub const COMPOSED_MIN_LENGTH: usize = 8;

/// Which characters a password must be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composition {
    /// Any (`nist`, the default): length and the blocklist decide.
    Free,
    /// At least one upper-case and one lower-case letter, a digit and a special character (`composed`).
    Composed,
}

/// The rules for new passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Which characters it must be made of.
    pub composition: Composition,
    /// Fewest code points.
    pub min_length: usize,
    /// Words that are no password here, the service's name above all, compared without case.
    pub context_words: Vec<String>,
}

/// Why a new password is refused. All of them are told, so that one correction suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordFault {
    /// Fewer code points than the policy asks for.
    #[error("the password is too short")]
    TooShort,
    /// On the list of common and breached passwords, as a whole.
    #[error("the password is on a list of common or breached passwords")]
    Listed,
    /// The service's name, the username, or the address or its local part.
    #[error("the password is the name of the service, the account or its owner")]
    ContextWord,
    /// No upper-case letter, under [`Composition::Composed`].
    #[error("the password needs an upper-case letter")]
    NoUpperCase,
    /// No lower-case letter, under [`Composition::Composed`].
    #[error("the password needs a lower-case letter")]
    NoLowerCase,
    /// No digit, under [`Composition::Composed`].
    #[error("the password needs a digit")]
    NoDigit,
    /// Letters and digits only, under [`Composition::Composed`].
    #[error("the password needs a special character")]
    NoSpecial,
}

/// Whose password it is to become.
#[derive(Debug, Clone, Copy)]
pub struct PasswordOwner<'a> {
    /// The account's address.
    pub email: &'a EmailAddress,
    /// The account's handle.
    pub username: Option<&'a Username>,
}

impl PasswordPolicy {
    /// The default policy.
    #[must_use]
    pub fn nist() -> Self {
        Self {
            composition: Composition::Free,
            min_length: NIST_MIN_LENGTH,
            context_words: Vec::new(),
        }
    }

    /// Every reason to refuse `password`, none where it is acceptable. `owner` is `None` while it is not known
    /// yet whose password it is to become; `is_listed` tells whether a text is, as a whole, on the blocklist.
    #[must_use]
    pub fn faults(
        &self,
        password: &Password,
        owner: Option<PasswordOwner<'_>>,
        is_listed: impl Fn(&str) -> bool,
    ) -> Vec<PasswordFault> {
        let text = password.expose();
        let mut faults = Vec::new();
        if text.chars().count() < self.min_length {
            faults.push(PasswordFault::TooShort);
        }
        if self.composition == Composition::Composed {
            faults.extend(composition_faults(text));
        }
        let lower = text.to_lowercase();
        if is_listed(text) || is_listed(&lower) {
            faults.push(PasswordFault::Listed);
        }
        if self.is_context_word(&lower, owner) {
            faults.push(PasswordFault::ContextWord);
        }
        faults
    }

    fn is_context_word(&self, lower: &str, owner: Option<PasswordOwner<'_>>) -> bool {
        let email = owner.map_or("", |owner| owner.email.canonical());
        let local_part = owner.map_or("", |owner| owner.email.local_part()).to_ascii_lowercase();
        let username = owner.and_then(|owner| owner.username).map_or("", Username::canonical);
        let own = [email, local_part.as_str(), username];
        let core = lower.trim_matches(|c: char| !c.is_alphabetic());
        let words = own.into_iter().chain(self.context_words.iter().map(String::as_str));
        words.filter(|word| !word.is_empty()).any(|word| {
            let word = word.to_lowercase();
            lower == word || core == word || is_repetition_of(lower, &word)
        })
    }
}

fn composition_faults(text: &str) -> Vec<PasswordFault> {
    let mut faults = Vec::new();
    if !text.chars().any(char::is_uppercase) {
        faults.push(PasswordFault::NoUpperCase);
    }
    if !text.chars().any(char::is_lowercase) {
        faults.push(PasswordFault::NoLowerCase);
    }
    if !text.chars().any(char::is_numeric) {
        faults.push(PasswordFault::NoDigit);
    }
    if text.chars().all(char::is_alphanumeric) {
        faults.push(PasswordFault::NoSpecial);
    }
    faults
}

fn is_repetition_of(text: &str, word: &str) -> bool {
    text.len() > word.len() && text.len().is_multiple_of(word.len()) && text == word.repeat(text.len() / word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(policy: &PasswordPolicy, text: &str) -> Vec<PasswordFault> {
        let password = Password::parse(&text.to_owned().into()).unwrap();
        let email = EmailAddress::parse("margaret.hamilton@example.org").unwrap();
        let username = Username::parse("apollo-guidance-11").unwrap();
        let owner = PasswordOwner {
            email: &email,
            username: Some(&username),
        };
        policy.faults(&password, Some(owner), |text| text == "password123456x")
    }

    fn nist() -> PasswordPolicy {
        PasswordPolicy {
            context_words: vec!["Gatewright".into()],
            ..PasswordPolicy::nist()
        }
    }

    #[test]
    fn r01_fifteen_code_points_are_enough_and_fourteen_are_not() {
        assert_eq!(faults_of(&nist(), "exactly 14 chr"), [PasswordFault::TooShort]);
        for text in [
            "exactly 15 char",
            &"王".repeat(15),
            &"\u{1f511}".repeat(15),
            "    15 long    ",
        ] {
            assert!(faults_of(&nist(), text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn r06_listed_passwords_are_refused_as_a_whole_and_in_any_case() {
        assert_eq!(faults_of(&nist(), "password123456x"), [PasswordFault::Listed]);
        assert_eq!(faults_of(&nist(), "PassWord123456X"), [PasswordFault::Listed]);
        assert!(faults_of(&nist(), "xpassword123456x").is_empty());
    }

    #[test]
    fn r07_the_owner_and_the_service_are_no_passwords() {
        for text in [
            "margaret.hamilton@example.org",
            "Margaret.Hamilton",
            "apollo-guidance-11",
            "12345gatewright67890",
            "gatewrightgatewright",
        ] {
            assert_eq!(faults_of(&nist(), text), [PasswordFault::ContextWord], "{text}");
        }
        assert!(faults_of(&nist(), "margaret hamilton wrote software").is_empty());
    }

    #[test]
    fn composed_asks_for_four_kinds_and_names_each_that_is_missing() {
        let policy = PasswordPolicy {
            composition: Composition::Composed,
            min_length: 8,
            context_words: vec![],
        };
        assert!(faults_of(&policy, "Tr0ub4dor&3").is_empty());
        assert_eq!(
            faults_of(&policy, "troubadour"),
            [
                PasswordFault::NoUpperCase,
                PasswordFault::NoDigit,
                PasswordFault::NoSpecial
            ]
        );
        assert_eq!(faults_of(&policy, "12345678!A"), [PasswordFault::NoLowerCase]);
    }
}
