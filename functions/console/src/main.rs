//! Shows admins what there is, and lets them change it.

use console::handle;
use model::time::Timestamp;
use service::app::App;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &App::from_environment(&Environment::process())?;
    // Boxed: the compiler cannot lay out the whole of it.
    lambda::serve(|asked| Box::pin(async move { handle(app, asked.request, &asked.base_url, Timestamp::now()).await }))
        .await
}
