//! Users.

use super::{MemoryStore, State, expect};
use async_trait::async_trait;
use gatewright_application::ports::change::{Edit, RegistrationChange, UserChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::users::{Account, Users};
use gatewright_domain::Timestamp;
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;

#[async_trait]
impl Users for MemoryStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>, PortError> {
        Ok(self.state().account_where(|user| user.id == id))
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, PortError> {
        Ok(self.state().account_where(|user| user.email == *email))
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, PortError> {
        Ok(self
            .state()
            .account_where(|user| user.username.as_ref() == Some(username)))
    }
}

impl State {
    pub(super) fn account_where(&self, is_meant: impl Fn(&User) -> bool) -> Option<Account> {
        self.users.iter().find(|account| is_meant(&account.user)).cloned()
    }

    pub(super) fn apply_to_users(&mut self, change: UserChange) -> Result<(), PortError> {
        match change {
            UserChange::Insert { user, password } => self.insert_user(user, password),
            UserChange::ExpectPassword { id, verified } => expect_password(self.account_mut(id)?, Some(&verified)),
            UserChange::SignedIn { id, verified, at } => self.signed_in(id, verified.as_ref(), at),
            UserChange::Rehash { id, old, new } => {
                let account = self.account_mut(id)?;
                if account.password == Some(old) {
                    account.password = Some(new);
                }
                Ok(())
            }
            UserChange::SetPassword { id, expected, new, at } => {
                let account = self.account_mut(id)?;
                expect_password(account, expected.as_ref())?;
                account.password = Some(new);
                account.user.updated_at = at;
                Ok(())
            }
            UserChange::EditProfile {
                id,
                username,
                display_name,
                settings,
                at,
            } => self.edit_profile(id, username, display_name, settings, at),
            UserChange::SetVerifiedEmail { id, email, at } => self.set_verified_email(id, email, at),
            UserChange::Delete { id } => self.delete_user(id),
        }
    }

    fn insert_user(&mut self, user: User, password: Option<PasswordHash>) -> Result<(), PortError> {
        self.expect_email_free(user.id, &user.email)?;
        self.expect_username_free(user.id, user.username.as_ref())?;
        self.users.push(Account { user, password });
        Ok(())
    }

    fn signed_in(&mut self, id: UserId, verified: Option<&PasswordHash>, at: Timestamp) -> Result<(), PortError> {
        let account = self.account_mut(id)?;
        expect_password(account, verified)?;
        account.user.last_login_at = Some(at);
        Ok(())
    }

    fn edit_profile(
        &mut self,
        id: UserId,
        username: Edit<Option<Username>>,
        display_name: Edit<Option<DisplayName>>,
        settings: Edit<UserSettings>,
        at: Timestamp,
    ) -> Result<(), PortError> {
        if let Edit::Set(username) = &username {
            self.expect_username_free(id, username.as_ref())?;
        }
        let user = &mut self.account_mut(id)?.user;
        edit(&mut user.username, username);
        edit(&mut user.display_name, display_name);
        edit(&mut user.settings, settings);
        user.updated_at = at;
        Ok(())
    }

    fn set_verified_email(&mut self, id: UserId, email: EmailAddress, at: Timestamp) -> Result<(), PortError> {
        self.expect_email_free(id, &email)?;
        let user = &mut self.account_mut(id)?.user;
        if user.email != email {
            user.email = email;
        }
        user.email_verified_at = Some(at);
        user.updated_at = at;
        Ok(())
    }

    fn delete_user(&mut self, id: UserId) -> Result<(), PortError> {
        let email = self.account_mut(id)?.user.email.clone();
        self.apply_to_registrations(RegistrationChange::DropAllFor(email));
        self.users.retain(|account| account.user.id != id);
        self.sessions.retain(|session| session.user_id != id);
        self.challenges.retain(|stored| !stored.is_about(id));
        Ok(())
    }

    fn account_mut(&mut self, id: UserId) -> Result<&mut Account, PortError> {
        let account = self.users.iter_mut().find(|account| account.user.id == id);
        account.ok_or(PortError::Conflict(Constraint::UserExists))
    }

    fn expect_email_free(&self, id: UserId, email: &EmailAddress) -> Result<(), PortError> {
        let taken = self.account_where(|user| user.id != id && user.email == *email);
        expect(taken.is_none(), Constraint::EmailFree)
    }

    fn expect_username_free(&self, id: UserId, username: Option<&Username>) -> Result<(), PortError> {
        let is_taken = |user: &User| username.is_some() && user.username.as_ref() == username;
        let taken = self.account_where(|user| user.id != id && is_taken(user));
        expect(taken.is_none(), Constraint::UsernameFree)
    }
}

fn expect_password(account: &Account, expected: Option<&PasswordHash>) -> Result<(), PortError> {
    let unchanged = expected.is_none() || account.password.as_ref() == expected;
    expect(unchanged, Constraint::PasswordUnchanged)
}

fn edit<T>(field: &mut T, edit: Edit<T>) {
    if let Edit::Set(value) = edit {
        *field = value;
    }
}
