//! The changes that put samples into a store.

use gatewright_application::ports::change::{ChallengeChange, Change, RegistrationChange, SessionChange, UserChange};
use gatewright_application::ports::users::Account;
use gatewright_domain::account::challenge::Challenge;
use gatewright_domain::account::registration::Registration;
use gatewright_domain::account::user::User;
use gatewright_domain::session::session::Session;

/// A user without a password.
pub(crate) fn insert_user(user: &User) -> Change {
    insert_account(&Account {
        user: user.clone(),
        password: None,
    })
}

pub(crate) fn insert_account(account: &Account) -> Change {
    let Account { user, password } = account.clone();
    Change::User(UserChange::Insert { user, password })
}

pub(crate) fn insert_session(session: &Session) -> Change {
    Change::Session(SessionChange::Insert(session.clone()))
}

pub(crate) fn insert_registration(registration: &Registration) -> Change {
    Change::Registration(RegistrationChange::Insert(registration.clone()))
}

pub(crate) fn insert_challenge(challenge: &Challenge) -> Change {
    Change::Challenge(ChallengeChange::Insert(challenge.clone()))
}
