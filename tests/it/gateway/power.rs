//! Power cuts.

use super::BINARY;

#[test]
#[ignore = "needs strace"]
fn what_is_acknowledged_is_counted_after_a_power_cut_at_any_write() {
    let recorded = tools::power::record(BINARY, 8, 200);
    let looked = recorded.cut(200, 0).unwrap();
    assert!(looked.cuts == 200 && looked.writes > 200, "{looked:?}");
}
