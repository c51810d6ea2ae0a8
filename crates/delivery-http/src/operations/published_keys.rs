//! `GET /.well-known/paseto-keys`

use crate::extract::Public;
use crate::state::HttpState;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use gatewright_application::ports::access_tokens::PublishedKey;
use serde::Serialize;
use utoipa::ToSchema;

/// The keys that verify access tokens, for services that verify them on their own.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishedKeys)]
pub(crate) struct PublishedKeysAnswer {
    keys: Vec<PublishedKeyAnswer>,
}

/// One key.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishedKey)]
struct PublishedKeyAnswer {
    /// The key's id, as in the footer of the tokens it verifies.
    kid: String,
    /// PASERK `k4.public.…`
    key: String,
}

impl From<PublishedKey> for PublishedKeyAnswer {
    fn from(published: PublishedKey) -> Self {
        Self {
            kid: published.id,
            key: published.paserk,
        }
    }
}

/// The keys that verify access tokens
#[utoipa::path(
    get, path = "/.well-known/paseto-keys", operation_id = "published_keys", tag = "Operations",
    responses((status = 200, body = PublishedKeysAnswer, description = "Present keys and those about to be used")),
)]
pub(crate) async fn handle(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    let keys = state.application.access_tokens.published_keys();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(PublishedKeysAnswer {
            keys: keys.into_iter().map(PublishedKeyAnswer::from).collect(),
        })
}
