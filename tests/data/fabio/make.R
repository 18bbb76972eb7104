# Writes folders in the layouts of FABIO 1.1, 1.2 and 2 from an invented world, the same tables in
# long form (CSV), and single files with a fault each. Needs R with the package Matrix:
#
#   LC_ALL=C.UTF-8 Rscript make.R
#
# All names and numbers are invented; only the layout is FABIO's.
library(Matrix)
set.seed(7)

areas <- data.frame(
  area_code = c(3, 21, 100, 255, 999),
  area = c("Zubria", "Arvo", "C\u00f4te Verde", "Mila", "RoW"),
  iso3c = c("ZUB", "ARV", "COV", "MIL", "ROW"),
  continent = c("EU", "AFR", "AFR", "ASI", NA),
  region = c("Western Isles", "Southern Plains", "Southern Plains", "Far Coast", NA))
items <- data.frame(
  comm_code = c("c001", "c002", "c003", "c004", "c005", "c006"),
  item_code = c(2805, 2511, 2513, 2542, 1034, 2733),
  item = c("Rice", "Wheat", "Barley", "Sugar, refined", "Pigs", "Pigmeat"),
  unit = c("tonnes", "tonnes", "tonnes", "tonnes", "heads", "tonnes"),
  comm_group = c("Cereals", "Cereals", "Cereals", "Sugar", "Live animals", "Meat"),
  group = c("Primary crops", "Primary crops", "Primary crops", "Crop products", "Livestock",
            "Livestock products"))
processes <- data.frame(
  proc_code = c("p001", "p002", "p003", "p004", "p005", "p006"),
  proc = c("Rice production", "Wheat production", "Barley production", "Sugar refining",
           "Pig farming", "Pig slaughtering"))

each <- function(of, members) {
  cbind(of[rep(seq_len(nrow(of)), each = nrow(members)), , drop = FALSE],
        members[rep(seq_len(nrow(members)), nrow(of)), , drop = FALSE])
}
# Full precision, so that text reads back to the same number.
digits <- function(x) vapply(x, function(v) {
  short <- format(v, digits = 15, scientific = FALSE)
  if (as.numeric(short) == v) short else format(v, digits = 17, scientific = FALSE)
}, "")
csv <- function(table, path, ...) {
  quoted <- which(vapply(table, function(column) any(grepl(",", column)), NA))
  write.csv(table, path, row.names = FALSE, quote = quoted, na = "", ...)
}

# Entries of one year: data frames with positions (counted from 1) and values.
year_of <- function(na, ni, np, fd) {
  some <- function(n, share) sort(sample(n, max(1, round(n * share))))
  amount <- function(n) ifelse(runif(n) < 0.5, round(runif(n, 1, 1e6)), runif(n, 0.001, 1e4))
  entries <- function(rows, cols, share) {
    at <- some(rows * cols, share) - 1
    data.frame(row = at %% rows + 1, col = at %/% rows + 1, value = amount(length(at)))
  }
  supply <- do.call(rbind, lapply(seq_len(na), function(a) {
    own <- entries(np, ni, 0.15)
    data.frame(row = own$row + (a - 1) * np, col = own$col + (a - 1) * ni, value = own$value)
  }))
  use <- entries(na * ni, na * np, 0.04)
  demand <- entries(na * ni, na * length(fd), 0.06)
  signed <- fd[(demand$col - 1) %% length(fd) + 1] %in% c("stock_addition", "balancing")
  demand$value[signed] <- demand$value[signed] * sample(c(-1, 1), sum(signed), TRUE)
  # Files hold zeros too.
  use$value[5] <- 0
  demand$value[7] <- 0
  list(supply = supply, use = use, demand = demand)
}
matrix_of <- function(e, rows, cols, names = NULL) {
  m <- sparseMatrix(i = e$row, j = e$col, x = e$value, dims = c(rows, cols))
  if (!is.null(names)) dimnames(m) <- names
  m
}
io <- function(w) each(w$areas, w$items)
su <- function(w) each(w$areas, w$processes)
fd <- function(w) each(w$areas, data.frame(fd = w$fd))

long <- function(w, folder) {
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  csv(data.frame(area = w$areas$area, code = w$areas$area_code, iso3 = w$areas$iso3c,
                 region = w$areas$region), file.path(folder, "areas.csv"), fileEncoding = "UTF-8")
  csv(data.frame(item = w$items$item, code = w$items$item_code, commodity_code = w$items$comm_code,
                 commodity_group = w$items$comm_group, group = w$items$group),
      file.path(folder, "items.csv"))
  csv(data.frame(process = w$processes$proc, code = w$processes$proc_code),
      file.path(folder, "processes.csv"))
  csv(data.frame(purpose = w$fd), file.path(folder, "purposes.csv"))
  rows <- function(table, from, to) do.call(rbind, Map(function(year, tables) {
    e <- tables[[table]]
    e <- e[e$value != 0, ]
    out <- data.frame(year, from$area[e$row], from[[ncol(from)]][e$row], to$area[e$col],
                      to[[ncol(to)]][e$col], digits(e$value))
    out
  }, names(w$years), w$years))
  last <- function(table, column) table[, c("area", column)]
  tables <- list(
    supply = list(last(su(w), "proc"), last(io(w), "item"), c("from_process", "to_item")),
    use = list(last(io(w), "item"), last(su(w), "proc"), c("from_item", "to_process")),
    demand = list(last(io(w), "item"), last(fd(w), "fd"), c("from_item", "to_purpose")))
  for (name in names(tables)) {
    t <- tables[[name]]
    out <- rows(name, t[[1]], t[[2]])
    names(out) <- c("year", "from_area", t[[3]][1], "to_area", t[[3]][2], "value")
    csv(out, file.path(folder, paste0(name, ".csv")), fileEncoding = "UTF-8")
  }
}
codes <- function(table, column) paste(table$area_code, table[[column]], sep = "_")
world <- function(areas, items, processes, fd, years) {
  w <- list(areas = areas, items = items, processes = processes, fd = fd)
  w$years <- lapply(years, function(y) year_of(nrow(areas), nrow(items), nrow(processes), fd))
  names(w$years) <- years
  w
}
sizes <- function(w) list(io = nrow(io(w)), su = nrow(su(w)), fd = nrow(fd(w)))
supply_of <- function(w, y) matrix_of(y$supply, sizes(w)$su, sizes(w)$io)

# 1.1: `_codes` files (one of them Latin-1, one with another spelling), serialisation version 2,
# gzip; block-diagonal supply without names, use and demand with names of columns, and of rows.
w11 <- world(areas, items, processes,
             c("balancing", "food", "losses", "other", "stock_addition", "unspecified"), 2010:2012)
dir.create("v1.1", showWarnings = FALSE)
n <- sizes(w11)
csv(io(w11)[, c("area_code", "area", "item_code", "item", "comm_code", "comm_group", "group")],
    "v1.1/io_codes.csv", fileEncoding = "latin1")
spelled <- su(w11)[, c("area_code", "area", "proc_code", "proc")]
spelled$area <- sub("\u00f4", "o", spelled$area)
csv(spelled, "v1.1/su_codes.csv")
csv(fd(w11)[, c("area_code", "area", "fd")], "v1.1/fd_codes.csv", fileEncoding = "latin1")
csv(areas[, c("iso3c", "area_code", "area", "continent", "region")], "v1.1/regions.csv",
    fileEncoding = "latin1")
rows <- rep(items$comm_code, nrow(areas))
blocks <- lapply(w11$years, function(y) {
  whole <- supply_of(w11, y)
  np <- nrow(processes)
  ni <- nrow(items)
  bdiag(lapply(seq_len(nrow(areas)), function(a)
    whole[(a - 1) * np + 1:np, (a - 1) * ni + 1:ni]))
})
saveRDS(blocks, "v1.1/mr_sup_mass.rds", version = 2)
use <- lapply(w11$years, function(y)
  matrix_of(y$use, n$io, n$su, list(rows, codes(su(w11), "proc_code"))))
demand <- lapply(w11$years, function(y)
  matrix_of(y$demand, n$io, n$fd, list(rows, codes(fd(w11), "fd"))))
saveRDS(use, "v1.1/mr_use.rds", version = 2)
saveRDS(demand, "v1.1/mr_use_fd.rds", version = 2)
long(w11, "v1.1/long")

# 1.2: labels of the final Y, two purposes of demand fewer than the table, whose names tell them;
# uncompressed and bzip2.
w12 <- world(areas[-5, ], items, processes,
             c("balancing", "food", "losses", "other", "processing", "residuals", "stock_addition",
               "tourist", "unspecified"), 2019:2020)
dir.create("v1.2", showWarnings = FALSE)
n <- sizes(w12)
w12y <- w12
w12y$fd <- setdiff(w12$fd, c("processing", "residuals"))
label <- c("iso3c", "area_code", "area", "continent")
labels_of <- function(w, folder) {
  csv(io(w)[, c(label, "comm_code", "item_code", "item", "unit", "comm_group", "group")],
      file.path(folder, "io_labels.csv"), fileEncoding = "UTF-8")
  csv(su(w)[, c(label, "proc_code", "proc")], file.path(folder, "su_labels.csv"),
      fileEncoding = "UTF-8")
  csv(fd(w)[, c(label, "fd")], file.path(folder, "fd_labels.csv"), fileEncoding = "UTF-8")
  csv(w$areas[, c("iso3c", "area_code", "area", "continent", "region")],
      file.path(folder, "regions.csv"), fileEncoding = "UTF-8")
}
labels_of(w12y, "v1.2")
saveRDS(lapply(w12$years, function(y) supply_of(w12, y)), "v1.2/mr_sup_mass.rds",
        compress = FALSE)
saveRDS(lapply(w12$years, function(y)
  matrix_of(y$use, n$io, n$su, list(NULL, codes(su(w12), "proc_code")))),
  "v1.2/mr_use.rds", compress = "bzip2")
saveRDS(lapply(w12$years, function(y)
  matrix_of(y$demand, n$io, n$fd, list(NULL, codes(fd(w12), "fd")))),
  "v1.2/mr_use_fd.rds", compress = "bzip2")
# Square, so that only names tell which way round; of the 1.2 layout.
dir.create("odd", showWarnings = FALSE)
saveRDS(lapply(w12$years, function(y) {
  t(matrix_of(y$use, n$io, n$su, list(codes(io(w12), "comm_code"), codes(su(w12), "proc_code"))))
}), "odd/use_square_transposed.rds")
# R makes what happens to be triangular another class.
upper <- lapply(w12$years, function(y) triu(matrix_of(y$use, n$io, n$su)))
stopifnot(is(upper[[1]], "dtCMatrix"))
saveRDS(upper, "odd/use_triangular.rds")
saveRDS(lapply(upper, as, "generalMatrix"), "odd/use_general.rds")
long(w12, "v1.2/long")

# 2: other areas, items and purposes, serialisation version 3, xz, no names; the years are given as
# names the way FABIO's scripts do it, which makes R store them as a deferred sequence. Demand goes
# through `round`, and its values are whole.
w2 <- world(areas[c(1, 2, 4), ], items[-1, ], processes[-(1:2), ],
            c("food", "losses", "other", "stock_addition", "tourist"), 2010:2013)
for (y in names(w2$years)) w2$years[[y]]$demand$value <- round(w2$years[[y]]$demand$value)
dir.create("v2", showWarnings = FALSE)
n <- sizes(w2)
labels_of(w2, "v2")
years <- seq(2010, 2013)
named <- function(matrices) {
  matrices <- unname(matrices)
  names(matrices) <- years
  matrices
}
saveRDS(named(lapply(w2$years, function(y) supply_of(w2, y))), "v2/mr_sup_mass.rds",
        compress = "xz")
saveRDS(named(lapply(w2$years, function(y) matrix_of(y$use, n$io, n$su))), "v2/mr_use.rds",
        compress = "xz")
saveRDS(named(lapply(lapply(w2$years, function(y) matrix_of(y$demand, n$io, n$fd)), round)),
        "v2/mr_use_fd.rds", compress = "xz")
long(w2, "v2/long")

# Tables of the 2 layout that say the same otherwise, or have one fault each.
odd <- function(object, name, ...) saveRDS(object, file.path("odd", name), ...)
use2 <- lapply(w2$years, function(y) matrix_of(y$use, n$io, n$su))
supply2 <- lapply(w2$years, function(y) supply_of(w2, y))
change <- function(matrices, edit) {
  matrices[["2012"]] <- edit(matrices[["2012"]])
  matrices
}
# The same tables.
odd(lapply(use2, t), "use_transposed.rds")
shuffled <- sample(n$su)
odd(lapply(use2, function(m) {
  dimnames(m) <- list(paste(io(w2)$iso3c, io(w2)$comm_code, sep = "-"), codes(su(w2), "proc_code"))
  m[, shuffled]
}), "use_shuffled.rds")
# Years in another order than in the other files; cached factors that have to be passed over.
cached <- lapply(use2[c(4, 1, 3, 2)], function(m) {
  m@factors <- list(note = list("text", NA_character_, TRUE, 1i, as.raw(1:3), quote(a + b), NULL))
  m
})
odd(cached, "use_reordered.rds")
# More years than the others have.
odd(c(list(`2009` = use2[[1]]), use2), "use_earlier.rds")
# Vectors in wrappers, which R makes when it copies long ones.
wrapped <- lapply(use2, function(m) {
  m@x <- .Internal(wrap_meta(m@x, 0L, 0L))
  m@i <- .Internal(wrap_meta(m@i, 0L, 0L))
  m@p <- .Internal(wrap_meta(m@p, 1L, 1L))
  m
})
odd(wrapped, "use_wrapped.rds")
# Faults.
odd(use2[-3], "use_without_2012.rds")
odd(change(use2, function(m) { m@x[3] <- -5; m }), "use_negative.rds")
odd(change(use2, function(m) { m@x[4] <- NA; m }), "use_missing.rds")
odd(change(use2, function(m) { m@x[4] <- Inf; m }), "use_infinite.rds")
odd(change(use2, function(m) { m@i[2] <- m@i[1]; m }), "use_twice.rds")
odd(change(use2, function(m) m[, -1]), "use_narrow.rds")
odd(change(use2, function(m) { m@p[2] <- 99L; m }), "use_invalid.rds")
odd(change(use2, as.matrix), "use_dense.rds")
odd(change(use2, function(m) as(m, "TsparseMatrix")), "use_triplets.rds")
odd(change(use2, function(m) { m@factors <- list(globalenv(), new.env()); m }), "use_environment.rds")
odd(change(use2, function(m) {
  colnames(m) <- sub("255_p003", "255_p033", codes(su(w2), "proc_code"))
  m
}), "use_unknown.rds")
odd(change(use2, function(m) {
  rownames(m) <- rev(io(w2)$comm_code)
  m
}), "use_contradicting.rds")
odd(change(supply2, function(m) { m[1, n$io] <- 8; m }), "supply_abroad.rds")
demand2 <- lapply(w2$years, function(y) matrix_of(y$demand, n$io, n$fd))
more <- w2
more$fd <- c(w2$fd, "unspecified")
wide <- function(names) function(m)
  matrix_of(w2$years[["2012"]]$demand, n$io, nrow(fd(more)), names)
odd(change(demand2, wide(NULL)), "demand_wide.rds")
odd(change(demand2, wide(list(NULL, codes(fd(more), "fd")))), "demand_changing.rds")
odd(unname(use2), "use_unnamed.rds")
odd(setNames(use2, c("2010", "2011", "2012", "2012")), "use_same_year.rds")
odd(setNames(use2, c("2010", "2011", "twelve", "2013")), "use_no_year.rds")
odd(use2[["2012"]], "use_no_list.rds")
odd(use2, "use_ascii.rds", ascii = TRUE)
save(use2, file = "odd/use_workspace.rds", compress = FALSE)
