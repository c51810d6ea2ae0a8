//! Use case: edit one's own profile.

use crate::audit::{AuditEventType, AuditWriter};
use crate::input::{InputReader, InvalidInput};
use crate::ports::change::{Change, Changes, Edit, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::secrets::Secrets;
use crate::ports::users::Users;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::account::user::User;
use std::sync::Arc;
use thiserror::Error;

/// Edits username, display name and settings, each by itself.
#[derive(Clone)]
pub struct UpdateProfile {
    /// Reads the result.
    pub users: Arc<dyn Users>,
    /// Stores the edits.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The edits.
#[derive(Debug)]
pub struct UpdateProfileCommand {
    /// Whose profile.
    pub identity: Arc<Identity>,
    /// The handle; `Set(None)` takes it away.
    pub username: Edit<Option<String>>,
    /// The name to show; `Set(None)` takes it away.
    pub display_name: Edit<Option<String>>,
    /// The product's document, as JSON.
    pub settings: Edit<String>,
    /// Where from.
    pub context: RequestContext,
}

/// Why nothing was edited.
#[derive(Debug, Error)]
pub enum UpdateProfileError {
    /// A field is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// Somebody else has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The account is gone.
    #[error("the account no longer exists")]
    Gone,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl UpdateProfile {
    /// Edits the profile and answers the user as it is then.
    ///
    /// # Errors
    /// See [`UpdateProfileError`].
    pub async fn execute(&self, command: UpdateProfileCommand) -> Result<User, UpdateProfileError> {
        let id = command.identity.user.id;
        let at = self.clock.now();
        let mut input = InputReader::default();
        let username = edit_optional(command.username, |text| input.username("username", &text));
        let display_name = edit_optional(command.display_name, |text| input.display_name("display_name", &text));
        let settings = match command.settings {
            Edit::Keep => Edit::Keep,
            Edit::Set(json) => input.settings("settings", json).map_or(Edit::Keep, Edit::Set),
        };
        if !input.is_clean() {
            return Err(input.into_error().into());
        }
        let audit = AuditWriter::new(&*self.secrets, &command.context, at);
        let event = audit.by_user(AuditEventType::UserUpdated, id);
        let edit = UserChange::EditProfile {
            id,
            username,
            display_name,
            settings,
            at,
        };
        match self.changes.apply(vec![Change::User(edit), Change::Audit(event)]).await {
            Ok(()) => {}
            Err(PortError::Conflict(Constraint::UsernameFree)) => return Err(UpdateProfileError::UsernameTaken),
            Err(PortError::Conflict(Constraint::UserExists)) => return Err(UpdateProfileError::Gone),
            Err(error) => return Err(error.into()),
        }
        let account = self.users.find(id).await?;
        Ok(account.ok_or(UpdateProfileError::Gone)?.user)
    }
}

fn edit_optional<T>(edit: Edit<Option<String>>, read: impl FnOnce(String) -> Option<T>) -> Edit<Option<T>> {
    match edit {
        Edit::Keep => Edit::Keep,
        Edit::Set(None) => Edit::Set(None),
        Edit::Set(Some(text)) => Edit::Set(read(text)),
    }
}
