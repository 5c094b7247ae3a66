// bind_duckdb IN OUT: a copy of libduckdb.so whose own symbols are looked up once, here, instead of
// in every process that opens it. Its code stays as it came.
// Why, and what it saves: docs/adr/0025-library-bound-at-build.md.
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// A shared object in memory, read by file offset and by the addresses it will have.
class Image {
 public:
  explicit Image(std::vector<char> bytes) : bytes_(std::move(bytes)) {
    for (const Elf64_Phdr& part : table<Elf64_Phdr>(header().e_phoff, header().e_phnum)) {
      if (part.p_type == PT_LOAD) loads_.push_back(part);
      if (part.p_type == PT_DYNAMIC)
        dynamic_ = table<Elf64_Dyn>(part.p_offset, part.p_filesz / sizeof(Elf64_Dyn));
    }
  }

  bool is_for_x86_64() const {
    return bytes_.size() > sizeof(Elf64_Ehdr) && std::memcmp(bytes_.data(), ELFMAG, SELFMAG) == 0 &&
           bytes_[EI_CLASS] == ELFCLASS64 && header().e_machine == EM_X86_64;
  }
  const std::vector<char>& bytes() const { return bytes_; }
  std::span<Elf64_Dyn> dynamic() const { return dynamic_; }
  std::uint64_t dynamic_value(std::int64_t tag) const {
    for (const Elf64_Dyn& entry : dynamic_)
      if (entry.d_tag == tag) return entry.d_un.d_val;
    throw std::runtime_error("no entry " + std::to_string(tag) + " in the dynamic section");
  }
  template <class Entry>
  std::span<Entry> table(std::uint64_t offset, std::uint64_t count) const {
    if (offset + count * sizeof(Entry) > bytes_.size())
      throw std::runtime_error("a table reaches beyond the file");
    return {reinterpret_cast<Entry*>(const_cast<char*>(bytes_.data()) + offset), count};
  }
  template <class Entry>
  std::span<Entry> table_at(std::uint64_t address, std::uint64_t count) const {
    for (const Elf64_Phdr& part : loads_)
      if (address >= part.p_vaddr && address < part.p_vaddr + part.p_filesz)
        return table<Entry>(part.p_offset + address - part.p_vaddr, count);
    throw std::runtime_error("nothing is loaded at address " + std::to_string(address));
  }

 private:
  const Elf64_Ehdr& header() const { return *reinterpret_cast<const Elf64_Ehdr*>(bytes_.data()); }

  std::vector<char> bytes_;
  std::vector<Elf64_Phdr> loads_;
  std::span<Elf64_Dyn> dynamic_;
};

/// Defined here, and found here first by whoever opens the library with RTLD_DEEPBIND. Unique
/// symbols are the process's, threads' variables and chosen functions have no fixed address.
bool is_own(const Elf64_Sym& symbol) {
  const unsigned char binding = ELF64_ST_BIND(symbol.st_info);
  const unsigned char type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE &&
         (binding == STB_GLOBAL || binding == STB_WEAK) &&
         (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC);
}

/// Addresses of own symbols become places relative to the library. Those come first, counted, in
/// the order of the pages they lie in, as the loader likes it.
std::size_t bind_data(const Image& image, const Elf64_Sym* symbols) {
  const auto relocations = image.table_at<Elf64_Rela>(
      image.dynamic_value(DT_RELA), image.dynamic_value(DT_RELASZ) / sizeof(Elf64_Rela));
  std::size_t bound = 0;
  for (Elf64_Rela& relocation : relocations) {
    const auto type = ELF64_R_TYPE(relocation.r_info);
    if (type != R_X86_64_64 && type != R_X86_64_GLOB_DAT) continue;
    const Elf64_Sym& symbol = symbols[ELF64_R_SYM(relocation.r_info)];
    if (!is_own(symbol)) continue;
    const std::int64_t addend = type == R_X86_64_64 ? relocation.r_addend : 0;
    relocation.r_addend = static_cast<std::int64_t>(symbol.st_value) + addend;
    relocation.r_info = ELF64_R_INFO(0, R_X86_64_RELATIVE);
    ++bound;
  }
  const auto is_relative = [](const Elf64_Rela& relocation) {
    return ELF64_R_TYPE(relocation.r_info) == R_X86_64_RELATIVE;
  };
  const auto rest = std::stable_partition(relocations.begin(), relocations.end(), is_relative);
  std::sort(relocations.begin(), rest,
            [](const Elf64_Rela& a, const Elf64_Rela& b) { return a.r_offset < b.r_offset; });
  for (Elf64_Dyn& entry : image.dynamic())
    if (entry.d_tag == DT_RELACOUNT)
      entry.d_un.d_val = static_cast<std::uint64_t>(rest - relocations.begin());
  return bound;
}

/// A lazy call starts at what its slot holds, moved to where the library lies: by default the stub
/// that looks the function up, from now on the function.
std::size_t bind_calls(const Image& image, const Elf64_Sym* symbols) {
  std::size_t bound = 0;
  for (const Elf64_Rela& relocation : image.table_at<Elf64_Rela>(
           image.dynamic_value(DT_JMPREL), image.dynamic_value(DT_PLTRELSZ) / sizeof(Elf64_Rela))) {
    const Elf64_Sym& symbol = symbols[ELF64_R_SYM(relocation.r_info)];
    if (ELF64_R_TYPE(relocation.r_info) != R_X86_64_JUMP_SLOT || !is_own(symbol)) continue;
    image.table_at<std::uint64_t>(relocation.r_offset, 1).front() = symbol.st_value;
    ++bound;
  }
  return bound;
}

std::vector<char> read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot be opened");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// By rename: a process that has the old file open keeps it.
void write(const std::string& path, const std::vector<char>& bytes) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + unfinished);
  std::filesystem::rename(unfinished, path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bind_duckdb IN OUT\n";
    return 2;
  }
  try {
    const Image image(read(argv[1]));
    if (!image.is_for_x86_64()) throw std::runtime_error("not a library for x86-64");
    const Elf64_Sym* symbols = image.table_at<Elf64_Sym>(image.dynamic_value(DT_SYMTAB), 1).data();
    const std::size_t data = bind_data(image, symbols);
    const std::size_t calls = bind_calls(image, symbols);
    write(argv[2], image.bytes());
    std::cout << "bound " << data << " addresses and " << calls << " calls\n";
  } catch (const std::exception& error) {
    std::cerr << "bind_duckdb: " << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
