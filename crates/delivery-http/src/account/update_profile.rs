//! `PATCH /users/me` and `PUT /users/me`

use crate::answer::UserAnswer;
use crate::extract::{Authenticated, Body, RequestOrigin};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::account::update_profile::UpdateProfileCommand;
use gatewright_application::ports::change::Edit;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use validator::Validate;

/// What is to change; a field that is left out stays, and `null` takes a name away.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProfileBody {
    /// A public handle, unique without regard to case.
    #[serde(default = "keep", deserialize_with = "set")]
    #[schema(schema_with = crate::schema::nullable_username, required = false)]
    username: Edit<Option<String>>,
    /// A name to show.
    #[serde(default = "keep", deserialize_with = "set")]
    #[schema(schema_with = crate::schema::nullable_display_name, required = false)]
    display_name: Edit<Option<String>>,
    /// A JSON object of the product's own, up to 16 KiB and 16 levels deep; replaced as a whole.
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
}

/// Edit one's profile
#[utoipa::path(
    patch, path = "/api/v1/users/me", operation_id = "update_profile", tag = "The account",
    request_body = UpdateProfileBody,
    responses(
        (status = 200, body = UserAnswer, description = "The account as it is now"),
        (status = 409, body = ProblemAnswer, content_type = "application/problem+json", description = "`username_taken`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<UpdateProfileBody>,
) -> Result<HttpResponse, Problem> {
    let settings = body.settings.map(|settings| Value::Object(settings).to_string());
    let command = UpdateProfileCommand {
        identity,
        username: body.username,
        display_name: body.display_name,
        settings: settings.map_or(Edit::Keep, Edit::Set),
        context,
    };
    let user = state.application.update_profile.execute(command).await?;
    Ok(HttpResponse::Ok().json(UserAnswer::from(&user)))
}

/// Edit one's profile
///
/// The same as PATCH: a field that is left out stays.
#[utoipa::path(
    put, path = "/api/v1/users/me", operation_id = "put_profile", tag = "The account",
    request_body = UpdateProfileBody,
    responses(
        (status = 200, body = UserAnswer, description = "The account as it is now"),
        (status = 409, body = ProblemAnswer, content_type = "application/problem+json", description = "`username_taken`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn handle_put(
    identity: Authenticated,
    state: web::Data<HttpState>,
    origin: RequestOrigin,
    body: Body<UpdateProfileBody>,
) -> Result<HttpResponse, Problem> {
    handle(identity, state, origin, body).await
}

fn keep<T>() -> Edit<T> {
    Edit::Keep
}

/// Tells a field that is `null`, and so is to be taken away, from one that is left out.
fn set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Edit<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Edit::Set)
}
