//! Real files, when they are there: `GUANXI_DATA_DIR` names the folder.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::system::{Caller, System, eventually};

async fn import(caller: &Caller, arguments: &[&str], file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guanxi"))
        .arg("import")
        .args(arguments)
        .arg(file)
        .env("GUANXI_URL", &caller.url)
        .env("GUANXI_API_KEY", &caller.key)
        .output()
        .await
        .expect("started")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, content).expect("written");
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_faults_is_taken_as_far_as_it_is_right() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start(&data.path().join("world")).await;
    let file = write(data.path(), "customers.csv", "id,name,tier\n1,九江北辰电子有限公司,A\n2,Solvane Foods AB,Z\n");

    let output = import(&caller, &["customers", "--map", "id:external_id", "--system", "crm"], &file).await;
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("1 created") && told(&output).contains("row 3"), "{}", told(&output));
    assert_eq!(caller.count("/customers").await, 1);

    let wrong = import(&caller, &["customers", "--map", "nothing:name"], &file).await;
    assert_eq!(wrong.status.code(), Some(1), "{}", told(&wrong));
    let stranger = Caller::new(&caller.url, "gx_00000000_nobody");
    assert_eq!(import(&stranger, &["customers"], &file).await.status.code(), Some(1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_data_are_imported() {
    let Some(folder) = std::env::var_os("GUANXI_DATA_DIR").map(PathBuf::from) else {
        eprintln!("GUANXI_DATA_DIR is not set: real files were not imported");
        return;
    };
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start(data.path()).await;

    let accounts = import(&caller, &["customers"], &folder.join("opportunities/accounts.csv")).await;
    assert_eq!(accounts.status.code(), Some(0), "{}", told(&accounts));
    let customers = caller.all("/customers").await;
    assert_eq!(customers.len(), 85);
    assert_eq!(customers.iter().filter(|customer| customer["parent_id"].is_string()).count(), 15);

    let shares =
        import(&caller, &["customers", "--system", "ts_code"], &folder.join("companies/a_share_first2000.csv")).await;
    assert_eq!(shares.status.code(), Some(0), "{}", told(&shares));
    assert_eq!(caller.count("/customers").await, 2_085);

    let complaints = import(&caller, &["complaints"], &folder.join("complaints/cfpb_first3000.csv")).await;
    assert_eq!(complaints.status.code(), Some(0), "{}", told(&complaints));
    assert_eq!(caller.count("/complaints").await, 3_000);
    let summary = caller.get("/complaints/summary").await;
    let channels = summary["by_channel"].as_array().expect("counts");
    assert_eq!(channels.len(), 5, "{channels:?}");
    let counted: i64 = channels.iter().filter_map(|channel| channel["count"].as_i64()).sum();
    assert_eq!(counted, 3_000);

    let unlinked = || async { (caller.count("/complaints?customer_known=false").await == 0).then_some(()) };
    eventually("every complaint has found its customer", unlinked).await;
    let again = import(&caller, &["complaints"], &folder.join("complaints/cfpb_first3000.csv")).await;
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!(caller.count("/complaints").await, 3_000);
    assert!(
        caller.all("/customers?external_system=cfpb").await.iter().all(|customer: &Value| customer["version"] == 1)
    );
    house.close().await;
}
