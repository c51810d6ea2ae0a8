//! Several statements in one transaction and two round trips.

use diesel::result::{Error as DriverError, QueryResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

/// One statement on its way, and what its answer has to be. It must not wait for anything before it sends the statement,
/// nor send a second one: see [`all_or_nothing`].
pub(crate) type Step<'a, E> = BoxFuture<'a, Result<(), E>>;

/// Runs `steps` in their order: all of them happen, or, where one of them fails, none, and the first failure is answered.
///
/// `begin` and all steps are sent without waiting for answers; the connection sends statements in the order in which they
/// are first polled, also while it has yet to prepare some of them. Whoever misses an expectation lets the rest run in
/// vain. Only when every answer is in and good is `commit` sent.
///
/// A single step is a statement of its own, which is a transaction already.
pub(crate) async fn all_or_nothing<E: From<DriverError> + Send>(
    connection: &AsyncPgConnection,
    mut steps: Vec<Step<'_, E>>,
) -> Result<(), E> {
    if steps.len() == 1 {
        return join_all(steps).await.into_iter().collect();
    }
    if steps.is_empty() {
        return Ok(());
    }
    steps.insert(0, begin(connection).map(|begun| Ok(begun?)).boxed());
    let answers: Result<(), E> = join_all(steps).await.into_iter().collect();
    let mut connection = connection;
    match answers {
        Ok(()) => Ok(connection.batch_execute("commit").await?),
        Err(failure) => {
            connection.batch_execute("rollback").await?;
            Err(failure)
        }
    }
}

async fn begin(mut connection: &AsyncPgConnection) -> QueryResult<()> {
    connection.batch_execute("begin").await
}
