//! `/pages.css`

use crate::extract::Public;
use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;

const STYLESHEET: &str = include_str!("pages.css");

/// How the pages look.
pub(crate) async fn handle(_guard: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLESHEET)
}
