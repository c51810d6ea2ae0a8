//! Equality to the letter.
//!
//! Two spellings of an address or username are equal to the domain. A store has to give back the very
//! spelling it was given, for that is where mail goes and what its owner sees.

use gatewright_application::mail::outbox_mail::OutboxMail;
use gatewright_application::ports::users::Account;
use gatewright_domain::account::challenge::{Challenge, ChallengeSubject};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::Registration;
use gatewright_domain::account::user::User;
use gatewright_domain::account::username::Username;

pub(crate) fn assert_same_account(found: &Account, expected: &Account) {
    assert_eq!(found, expected);
    assert_same_user(&found.user, &expected.user);
}

pub(crate) fn assert_same_user(found: &User, expected: &User) {
    assert_eq!(found, expected);
    assert_eq!(found.email.as_str(), expected.email.as_str());
    assert_eq!(spelling(found.username.as_ref()), spelling(expected.username.as_ref()));
}

pub(crate) fn assert_same_registration(found: &Registration, expected: &Registration) {
    assert_eq!(found, expected);
    assert_eq!(found.email.as_str(), expected.email.as_str());
    assert_eq!(spelling(found.username.as_ref()), spelling(expected.username.as_ref()));
}

pub(crate) fn assert_same_challenge(found: &Challenge, expected: &Challenge) {
    assert_eq!(found, expected);
    assert_eq!(new_address(found), new_address(expected));
}

pub(crate) fn assert_same_mail(found: &OutboxMail, expected: &OutboxMail) {
    assert_eq!(found, expected);
    assert_eq!(found.to.as_str(), expected.to.as_str());
}

fn spelling(username: Option<&Username>) -> Option<&str> {
    username.map(Username::as_str)
}

fn new_address(challenge: &Challenge) -> Option<&str> {
    match &challenge.subject {
        ChallengeSubject::EmailChange { new_email, .. } => Some(EmailAddress::as_str(new_email)),
        _ => None,
    }
}
