//! `GET /users/me/sessions`

use crate::extract::Authenticated;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_domain::session::client::UserAgent;
use gatewright_domain::session::session::{Session, SessionId};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A session: one device signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionAnswer<'a> {
    id: Uuid,
    /// The device's id.
    device: &'a str,
    /// The address last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ip: Option<String>,
    /// What the client last said it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user_agent: Option<&'a str>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    last_seen_at: OffsetDateTime,
    /// Whether this request is made in it.
    current: bool,
}

/// All of them: they are few, so there is one page.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(crate) struct SessionListAnswer<'a> {
    items: Vec<SessionAnswer<'a>>,
    next_cursor: Option<&'a str>,
}

impl<'a> SessionAnswer<'a> {
    fn of(session: &'a Session, current: SessionId) -> Self {
        Self {
            id: session.id.0,
            device: session.device.as_str(),
            ip: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent.as_ref().map(UserAgent::as_str),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            current: session.id == current,
        }
    }
}

/// List one's own sessions
///
/// Those that are live, the one last seen first.
#[utoipa::path(
    get, path = "/api/v1/users/me/sessions", operation_id = "list_sessions", tag = "The account",
    responses((status = 200, body = SessionListAnswer, description = "The sessions")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, Problem> {
    let sessions = state.application.list_sessions.execute(&identity).await?;
    let current = identity.claims.session_id;
    let items = sessions.iter().map(|session| SessionAnswer::of(session, current));
    Ok(HttpResponse::Ok().json(SessionListAnswer {
        items: items.collect(),
        next_cursor: None,
    }))
}
