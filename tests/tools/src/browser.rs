//! A real browser: Debian's Chromium, driven through its chromedriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::{By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement, prelude::*};

/// Longer than anything takes on a busy machine: what has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked for.
const INTERVAL: Duration = Duration::from_millis(100);

/// A browser without a window.
#[derive(Debug)]
pub struct Browser {
    /// The browser.
    pub driver: WebDriver,
    process: Child,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is asked to stop takes its browser along; nothing waits for an answer that it then does not give.
        let _ = self.driver.clone().leak();
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// `chromedriver` is not installed.
    pub async fn open() -> Self {
        let mut process = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // It blocks when nobody reads what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"] {
            capabilities.add_arg(argument).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{}", port.unwrap()), capabilities).await.unwrap();
        Self { driver, process }
    }

    /// Opens an address.
    ///
    /// # Panics
    /// It cannot be opened.
    pub async fn goto(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// The element of this selector, as soon as there is one.
    pub async fn find(&self, css: &str) -> WebElement {
        self.driver.query(By::Css(css)).wait(PATIENCE, INTERVAL).first().await.unwrap()
    }

    /// Waits until the element of this selector contains `text`.
    pub async fn wait_for(&self, css: &str, text: &str) {
        // In one step of the browser: a part that refreshes itself may be replaced between two.
        let script =
            "return [...document.querySelectorAll(arguments[0])].some((e) => e.innerText.includes(arguments[1]))";
        let begun = Instant::now();
        while self.run(script, vec![json!(css), json!(text)]).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "{text:?} never stands in {css}: {}", self.text(css).await);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Presses what this selector finds.
    ///
    /// # Panics
    /// There is nothing to press.
    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Follows the link with exactly this text, as it is shown.
    ///
    /// # Panics
    /// There is none.
    pub async fn follow(&self, text: &str) {
        let link = self.driver.query(By::LinkText(text)).wait(PATIENCE, INTERVAL).first().await;
        link.unwrap_or_else(|_| panic!("no link says {text:?}")).click().await.unwrap();
    }

    /// Types into a field, in place of what was in it.
    ///
    /// # Panics
    /// There is no such field.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// The text of an element as it is shown.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// What a script returns, with `arguments`.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute(script, arguments).await.unwrap().json().clone()
    }

    /// What a script gives to the function that is its last argument.
    pub async fn run_until_called(&self, script: &str) -> Value {
        self.driver.execute_async(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Lets pages read the clipboard, as a person could.
    ///
    /// # Panics
    /// The browser does not know how.
    pub async fn allow_clipboard(&self) {
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.driver.cdp().send_raw("Browser.grantPermissions", permissions).await.unwrap();
    }

    /// Shows pages as somebody wants them who prefers `scheme`, on a screen this wide.
    ///
    /// # Panics
    /// The browser does not know how.
    pub async fn prefer(&self, scheme: &str, width: u32) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await.unwrap();
    }

    /// What needs more room than it has: the page, or, unless the screen is narrow, a table that is not to be moved sideways.
    ///
    /// # Panics
    /// The page is gone.
    pub async fn too_wide(&self) -> Vec<String> {
        let script = "const names = (all, name) => [...all].filter((e) => e.scrollWidth > e.clientWidth).map(name);
            return names([document.documentElement], () => 'the page').concat(innerWidth < 1000 ? [] :
                names(document.querySelectorAll('.card.flush'), (table) => table.getAttribute('aria-label')))";
        serde_json::from_value(self.run(script, Vec::new()).await).unwrap()
    }
}
