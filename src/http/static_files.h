#pragma once

#include <filesystem>

#include "http/server.h"

namespace dunlin::http {

/// Serves the files under `root` to GET and HEAD: index.html for folders, ETag and 304, long
/// caching for names that carry a hash. Never leaves `root`: no "..", no dot files, no links out of
/// it. Reads on the loop: files are small, at most 64 MiB. Other methods and missing files get 404.
Handler static_files(std::filesystem::path root);

}  // namespace dunlin::http
