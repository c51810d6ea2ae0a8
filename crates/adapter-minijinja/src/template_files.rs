//! Where templates come from: the compiled-in ones, and a directory whose files win.

use crate::mail_renderer::TemplateError;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Every template file by its name.
pub(crate) type TemplateFiles = BTreeMap<&'static str, Cow<'static, str>>;

const BUILT_IN: [(&str, &str); 20] = [
    ("layout.html", include_str!("../templates/layout.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    (
        "verify_registration.txt",
        include_str!("../templates/verify_registration.txt"),
    ),
    (
        "verify_registration.html",
        include_str!("../templates/verify_registration.html"),
    ),
    (
        "already_registered.txt",
        include_str!("../templates/already_registered.txt"),
    ),
    (
        "already_registered.html",
        include_str!("../templates/already_registered.html"),
    ),
    (
        "verify_email_change.txt",
        include_str!("../templates/verify_email_change.txt"),
    ),
    (
        "verify_email_change.html",
        include_str!("../templates/verify_email_change.html"),
    ),
    (
        "email_change_requested.txt",
        include_str!("../templates/email_change_requested.txt"),
    ),
    (
        "email_change_requested.html",
        include_str!("../templates/email_change_requested.html"),
    ),
    ("email_changed.txt", include_str!("../templates/email_changed.txt")),
    ("email_changed.html", include_str!("../templates/email_changed.html")),
    (
        "password_reset_link.txt",
        include_str!("../templates/password_reset_link.txt"),
    ),
    (
        "password_reset_link.html",
        include_str!("../templates/password_reset_link.html"),
    ),
    (
        "password_reset_code.txt",
        include_str!("../templates/password_reset_code.txt"),
    ),
    (
        "password_reset_code.html",
        include_str!("../templates/password_reset_code.html"),
    ),
    (
        "password_changed.txt",
        include_str!("../templates/password_changed.txt"),
    ),
    (
        "password_changed.html",
        include_str!("../templates/password_changed.html"),
    ),
    (
        "session_ended_for_reuse.txt",
        include_str!("../templates/session_ended_for_reuse.txt"),
    ),
    (
        "session_ended_for_reuse.html",
        include_str!("../templates/session_ended_for_reuse.html"),
    ),
];

/// The compiled-in templates.
pub(crate) fn built_in() -> TemplateFiles {
    BUILT_IN
        .into_iter()
        .map(|(name, text)| (name, Cow::Borrowed(text)))
        .collect()
}

/// Replaces templates by the files of the same name in `directory`. A `.txt` or `.html` file of any other name is
/// refused: it is a template that would never be used, most likely a misspelt one.
pub(crate) fn replace_from(directory: &Path, files: &mut TemplateFiles) -> Result<(), TemplateError> {
    let unreadable = |source| TemplateError::Unreadable {
        path: directory.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_template = path
            .extension()
            .is_some_and(|extension| extension == "txt" || extension == "html");
        if !is_template {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(text) = files.get_mut(name) else {
            return Err(TemplateError::Unknown { path });
        };
        *text =
            Cow::Owned(std::fs::read_to_string(&path).map_err(|source| TemplateError::Unreadable { path, source })?);
    }
    Ok(())
}
