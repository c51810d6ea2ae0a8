//! `GET /openapi.json` and `GET /docs`

use crate::extract::Public;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType};
use actix_web::{HttpResponse, web};
use std::borrow::Cow;
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

const PAGE: &str = include_str!("docs.html");
const START: &str = include_str!("docs.js");

/// The assets of Swagger UI that the page needs.
const ASSETS: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// What the page needs and no more: its own scripts and calls, the styles and images that Swagger UI writes inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; frame-ancestors 'none'";

/// The OpenAPI document.
pub(crate) async fn document(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    let json = state.openapi.clone();
    HttpResponse::Ok().content_type(ContentType::json()).body(json)
}

/// The page that renders it, with assets that come with the binary.
pub(crate) async fn page(_guard: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(PAGE)
}

/// What the page is made of.
pub(crate) async fn asset(_guard: Public, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    if name.as_str() == "start.js" {
        let script = HttpResponse::Ok()
            .content_type("text/javascript; charset=utf-8")
            .body(START);
        return Ok(script);
    }
    let name = ASSETS.into_iter().find(|asset| *asset == name.as_str());
    let name = name.ok_or_else(Problem::not_found)?;
    let file = serve(name, Arc::new(Config::default())).map_err(|_| Problem::internal())?;
    let file = file.ok_or_else(Problem::internal)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((CACHE_CONTROL, "public, max-age=86400"));
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}
