//! Rows that no rule of ours would have written.

use crate::fresh_storage::fresh_store;
use gatewright_application::ports::change::{Change, Changes, UserChange};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::{NOON, id, mail, user};
use gatewright_domain::Duration;

#[tokio::test]
async fn a_user_that_cannot_be_read_is_corrupt() {
    let (schema, store) = fresh_store().await;
    let user = user(1);
    let insert = UserChange::Insert {
        user: user.clone(),
        password: None,
    };
    store.apply(vec![Change::User(insert)]).await.unwrap();
    let spoil = "update users set email = 'not an address'";
    schema.connect().await.execute(spoil, &[]).await.unwrap();
    let error = Users::find(&store, user.id).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { what: "user", .. }), "{error}");
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_is_set_aside_and_holds_up_nobody() {
    let (schema, store) = fresh_store().await;
    let mails = vec![Change::Mail(mail(1)), Change::Mail(mail(2))];
    store.apply(mails).await.unwrap();
    let client = schema.connect().await;
    let spoil = "update outbox_mails set template = 'unheard_of' where recipient like 'Person.1@%'";
    client.execute(spoil, &[]).await.unwrap();
    let claimed = store.claim_due(id(1), 10, Duration::minutes(1), NOON).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].mail.id, mail(2).id);
    let parked = "select count(*) from outbox_mails where parked_at is not null and last_error is not null";
    let parked = client.query_one(parked, &[]).await.unwrap();
    assert_eq!(parked.get::<_, i64>(0), 1);
}
