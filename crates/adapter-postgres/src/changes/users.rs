//! Changes of users.

use crate::changes::{Step, expect_one};
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::columns::JsonText;
use crate::rows::users::{NewUserRow, ProfileEditRow};
use crate::schema::{challenges, registrations, users};
use diesel::dsl::case_when;
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl};
use diesel::sql_types::{Array, Text, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::change::{Edit, UserChange};
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::access::role::RoleName;
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;

pub(super) fn steps<'a>(connection: &'a AsyncPgConnection, change: &'a UserChange) -> Vec<Step<'a>> {
    let expect = |id, password| expect_password(connection, id, password).boxed();
    match change {
        UserChange::Insert { user, password } => insert(connection, user, password.as_ref()),
        UserChange::ExpectPassword { id, verified } => vec![expect(*id, Some(verified))],
        UserChange::SignedIn { id, verified, at } => {
            vec![expect(*id, verified.as_ref()), signed_in(connection, *id, *at).boxed()]
        }
        UserChange::Rehash { id, old, new } => {
            vec![expect(*id, None), rehash(connection, *id, old, new).boxed()]
        }
        UserChange::SetPassword { id, expected, new, at } => vec![
            expect(*id, expected.as_ref()),
            set_password(connection, *id, new, *at).boxed(),
        ],
        UserChange::EditProfile {
            id,
            username,
            display_name,
            settings,
            at,
        } => {
            let columns = edited_columns(username, display_name, settings, *at);
            vec![edit_profile(connection, *id, columns).boxed()]
        }
        UserChange::SetVerifiedEmail { id, email, at } => {
            vec![set_verified_email(connection, *id, email, *at).boxed()]
        }
        UserChange::Delete { id } => delete(connection, *id),
    }
}

fn insert<'a>(connection: &'a AsyncPgConnection, user: &'a User, password: Option<&'a PasswordHash>) -> Vec<Step<'a>> {
    vec![
        insert_user(connection, user, password).boxed(),
        insert_roles(connection, user).boxed(),
    ]
}

async fn insert_user(
    mut connection: &AsyncPgConnection,
    user: &User,
    password: Option<&PasswordHash>,
) -> Result<(), Failure> {
    diesel::insert_into(users::table)
        .values(NewUserRow::new(user, password))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn insert_roles(mut connection: &AsyncPgConnection, user: &User) -> Result<(), Failure> {
    let roles: Vec<&str> = user.roles.iter().map(RoleName::as_str).collect();
    let statement = diesel::sql_query("insert into user_roles (user_id, role) select $1, unnest($2::text[])")
        .bind::<Uuid, _>(user.id.0)
        .bind::<Array<Text>, _>(roles);
    Prepared(statement).execute(&mut connection).await?;
    Ok(())
}

/// The user exists and, where a password is expected, has that one. The lock makes it hold until the end of the list.
async fn expect_password(
    mut connection: &AsyncPgConnection,
    id: UserId,
    expected: Option<&PasswordHash>,
) -> Result<(), Failure> {
    let stored: Option<Option<String>> = users::table
        .find(id.0)
        .select(users::password_hash)
        .for_no_key_update()
        .get_result(&mut connection)
        .await
        .optional()?;
    let Some(stored) = stored else {
        return Err(Constraint::UserExists.into());
    };
    match expected {
        Some(expected) if stored.as_deref() != Some(expected.as_phc()) => Err(Constraint::PasswordUnchanged.into()),
        _ => Ok(()),
    }
}

async fn signed_in(mut connection: &AsyncPgConnection, id: UserId, at: Timestamp) -> Result<(), Failure> {
    let note = diesel::update(users::table.find(id.0)).set(users::last_login_at.eq(at));
    Prepared(note).execute(&mut connection).await?;
    Ok(())
}

async fn rehash(
    mut connection: &AsyncPgConnection,
    id: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Failure> {
    let same = users::table.find(id.0).filter(users::password_hash.eq(old.as_phc()));
    let replace = diesel::update(same).set(users::password_hash.eq(new.as_phc()));
    Prepared(replace).execute(&mut connection).await?;
    Ok(())
}

async fn set_password(
    mut connection: &AsyncPgConnection,
    id: UserId,
    new: &PasswordHash,
    at: Timestamp,
) -> Result<(), Failure> {
    let columns = (users::password_hash.eq(new.as_phc()), users::updated_at.eq(at));
    let set = diesel::update(users::table.find(id.0)).set(columns);
    Prepared(set).execute(&mut connection).await?;
    Ok(())
}

fn edited_columns<'a>(
    username: &'a Edit<Option<Username>>,
    display_name: &'a Edit<Option<DisplayName>>,
    settings: &'a Edit<UserSettings>,
    at: Timestamp,
) -> ProfileEditRow<'a> {
    let username = set(username);
    ProfileEditRow {
        username: username.map(|name| name.as_ref().map(Username::as_str)),
        username_canonical: username.map(|name| name.as_ref().map(Username::canonical)),
        display_name: set(display_name).map(|name| name.as_ref().map(DisplayName::as_str)),
        settings: set(settings).map(|settings| JsonText(settings.as_json().to_owned())),
        updated_at: at,
    }
}

fn set<T>(edit: &Edit<T>) -> Option<&T> {
    match edit {
        Edit::Keep => None,
        Edit::Set(value) => Some(value),
    }
}

async fn edit_profile(
    mut connection: &AsyncPgConnection,
    id: UserId,
    columns: ProfileEditRow<'_>,
) -> Result<(), Failure> {
    let edit = diesel::update(users::table.find(id.0)).set(columns);
    let edited = Prepared(edit).execute(&mut connection).await?;
    expect_one(edited, Constraint::UserExists)
}

async fn set_verified_email(
    mut connection: &AsyncPgConnection,
    id: UserId,
    email: &EmailAddress,
    at: Timestamp,
) -> Result<(), Failure> {
    let spelling = case_when(users::email_canonical.eq(email.canonical()), users::email).otherwise(email.as_str());
    let set = diesel::update(users::table.find(id.0)).set((
        users::email_verified_at.eq(at),
        users::updated_at.eq(at),
        users::email.eq(spelling),
        users::email_canonical.eq(email.canonical()),
    ));
    let proven = Prepared(set).execute(&mut connection).await?;
    expect_one(proven, Constraint::UserExists)
}

/// Sessions and roles go with the user by their foreign keys.
fn delete(connection: &AsyncPgConnection, id: UserId) -> Vec<Step<'_>> {
    vec![
        delete_challenges(connection, id).boxed(),
        delete_challenges_of_registrations(connection, id).boxed(),
        delete_registrations(connection, id).boxed(),
        delete_user(connection, id).boxed(),
    ]
}

async fn delete_challenges(mut connection: &AsyncPgConnection, id: UserId) -> Result<(), Failure> {
    diesel::delete(challenges::table.filter(challenges::user_id.eq(id.0)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn delete_challenges_of_registrations(mut connection: &AsyncPgConnection, id: UserId) -> Result<(), Failure> {
    let address = users::table.find(id.0).select(users::email_canonical);
    let waiting = registrations::table
        .filter(registrations::email_canonical.eq_any(address))
        .select(registrations::id.nullable());
    diesel::delete(challenges::table.filter(challenges::registration_id.eq_any(waiting)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn delete_registrations(mut connection: &AsyncPgConnection, id: UserId) -> Result<(), Failure> {
    let address = users::table.find(id.0).select(users::email_canonical);
    diesel::delete(registrations::table.filter(registrations::email_canonical.eq_any(address)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn delete_user(mut connection: &AsyncPgConnection, id: UserId) -> Result<(), Failure> {
    let deleted = diesel::delete(users::table.find(id.0)).execute(&mut connection).await?;
    expect_one(deleted, Constraint::UserExists)
}
