//! Where the paper, the published program and shocksweep differ.
