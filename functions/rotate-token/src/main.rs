//! Enables organisations, rotates their tokens and keeps their admin keys.

use model::time::Timestamp;
use rotate_token::handle;
use service::app::App;
use store::environment::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::start_logging();
    let app = &App::from_environment(&Environment::process())?;
    lambda::serve(|asked| async move { handle(app, asked.request, &asked.base_url, Timestamp::now()).await }).await
}
