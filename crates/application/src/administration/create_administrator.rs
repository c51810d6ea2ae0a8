//! Use case: create an administrator, from the machine the service runs on.

use crate::audit::{AuditEventType, AuditWriter};
use crate::input::{InputReader, InvalidInput};
use crate::password::new_password::{NewPasswords, PasswordRejection};
use crate::ports::change::{Change, Changes, RegistrationChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::secrets::Secrets;
use crate::request::RequestContext;
use gatewright_domain::access::role::RoleName;
use gatewright_domain::account::registration::{Registration, RegistrationId};
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::password::policy::PasswordOwner;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Creates an account with every permission. Whoever can run this can read the database: the address counts as
/// proven, and no default password exists anywhere (ASVS 6.3.2).
#[derive(Clone)]
pub struct CreateAdministrator {
    /// Judges and hashes the password.
    pub passwords: NewPasswords,
    /// Stores the account.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The administrator to be.
#[derive(Debug)]
pub struct CreateAdministratorCommand {
    /// The address.
    pub email: String,
    /// A handle.
    pub username: Option<String>,
    /// The password.
    pub password: SecretString,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum CreateAdministratorError {
    /// A field is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The password is not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
    /// The address has an account.
    #[error("the address has an account already")]
    EmailTaken,
    /// The username is taken.
    #[error("the username is taken")]
    UsernameTaken,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl CreateAdministrator {
    /// Creates the account.
    ///
    /// # Errors
    /// See [`CreateAdministratorError`].
    pub async fn execute(&self, command: CreateAdministratorCommand) -> Result<User, CreateAdministratorError> {
        let mut input = InputReader::default();
        let email = input.email("email", &command.email);
        let username = command.username.and_then(|text| input.username("username", &text));
        let Some(email) = email.filter(|_| input.is_clean()) else {
            return Err(input.into_error().into());
        };
        let owner = PasswordOwner {
            email: &email,
            username: username.as_ref(),
        };
        let password = self.passwords.judge(&command.password, Some(owner))?;
        let password = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let registration = Registration {
            id: RegistrationId(self.secrets.new_id(now)),
            email: email.clone(),
            username,
            display_name: None,
            password,
            network: None,
            created_at: now,
            expires_at: now,
        };
        let (user, password) = registration.into_user(UserId(self.secrets.new_id(now)), Some(now), now);
        let user = User {
            roles: [RoleName::administrator()].into(),
            ..user
        };
        let context = RequestContext {
            request_id: "admin-create".to_owned(),
            ..RequestContext::default()
        };
        let audit = AuditWriter::new(&*self.secrets, &context, now);
        let event = audit
            .about_user(AuditEventType::UserCreated, Some(user.id))
            .because("administrator_created");
        let changes = vec![
            Change::Registration(RegistrationChange::DropAllFor(email)),
            Change::User(UserChange::Insert {
                user: user.clone(),
                password: Some(password),
            }),
            Change::Audit(event),
        ];
        match self.changes.apply(changes).await {
            Ok(()) => Ok(user),
            Err(PortError::Conflict(Constraint::EmailFree)) => Err(CreateAdministratorError::EmailTaken),
            Err(PortError::Conflict(Constraint::UsernameFree)) => Err(CreateAdministratorError::UsernameTaken),
            Err(error) => Err(error.into()),
        }
    }
}
