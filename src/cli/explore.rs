//! `shocksweep explore`: the page that answers while people look at it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use clap::Args;

use super::say::say;
use super::{CliError, ink};
use crate::explore::Explorer;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::serve::limits::Limits;
use crate::serve::{Server, Token};

/// Arguments of `shocksweep explore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep explore                                    the built-in world, in your browser
  shocksweep explore food2020 --result results/food2020     with every scenario of a finished sweep
  shocksweep explore --listen 0.0.0.0:8080 --token TOKEN    for the others on a shared machine

The page and the engine run on this machine and ask nothing of any network; nothing is written.
The link holds a token that is new at every start: without it nothing is answered. Ctrl-C ends it.")]
pub struct ExploreArgs {
    /// Dataset: a folder, or `synthetic`.
    #[arg(value_name = "DATASET", default_value = SYNTHETIC)]
    pub dataset: String,
    /// Result folder of a finished sweep of the dataset, whose scenarios the page offers.
    #[arg(long, value_name = "DIR")]
    pub result: Option<PathBuf>,
    /// Do not open a browser.
    #[arg(long)]
    pub no_open: bool,
    /// Port on this machine [default: any free one].
    #[arg(long, value_name = "PORT", conflicts_with = "listen")]
    pub port: Option<u16>,
    /// Address and port for other machines, such as 0.0.0.0:8080; needs --token.
    #[arg(long, value_name = "ADDRESS", requires = "token")]
    pub listen: Option<SocketAddr>,
    /// Token instead of a random one: at least 16 letters or digits.
    #[arg(long, value_name = "TOKEN", value_parser = parse_token)]
    pub token: Option<Token>,
    /// Name of this machine by which others open the page; may be given several times.
    #[arg(long, value_name = "NAME", requires = "listen")]
    pub host: Vec<String>,
}

fn parse_token(text: &str) -> Result<Token, String> {
    Token::chosen(text)
}

/// Serves the page until it is stopped.
///
/// # Errors
/// The dataset or the result is wrong, or the address is taken.
pub fn execute(args: &ExploreArgs) -> Result<(), CliError> {
    let token = match &args.token {
        Some(token) => token.clone(),
        None => Token::random()?,
    };
    let dataset = Arc::new(open_dataset(&args.dataset)?);
    let warning = dataset.metadata.warning();
    let explorer = Explorer::new(dataset, args.result.as_deref())?;
    let near = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), args.port.unwrap_or(0));
    let address = args.listen.unwrap_or(near);
    let server = Server::bind(
        Arc::new(explorer),
        address,
        token.clone(),
        args.host.clone(),
        Limits::default(),
    )?;
    let address = server.address();
    let host = match (args.host.first(), address.ip().is_unspecified()) {
        (Some(name), _) => format!("{name}:{}", address.port()),
        (None, true) => format!("localhost:{}", address.port()),
        (None, false) => address.to_string(),
    };
    let link = format!("http://{host}/#token={}", token.as_str());
    if let Some(warning) = warning {
        say(&format!("Note: {warning}."));
    }
    if !address.ip().is_loopback() {
        say(&format!(
            "Warning: everybody who reaches {address} and has the token can read the names and amounts of dataset \
             `{}`{} and have this machine compute; the connection is not encrypted. They can write nothing.",
            args.dataset,
            if args.result.is_some() { ", all scenarios of the result," } else { "" },
        ));
    }
    ink::data(&format!("{link}\n"))?;
    say("Ctrl-C ends it.");
    if !args.no_open && !open(&link) {
        say("No browser could be opened: open the link above.");
    }
    server.run(std::future::pending())?;
    Ok(())
}

/// Opens a link in the browser that the person uses; whether that could be tried.
fn open(link: &str) -> bool {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some()) {
        ("xdg-open", &[])
    } else {
        return false;
    };
    let quiet = || Stdio::null();
    let mut command = Command::new(program);
    command.args(before).arg(link).stdin(quiet()).stdout(quiet()).stderr(quiet());
    command.spawn().is_ok()
}
