#pragma once

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/text.h"

namespace tallymill {

/// What a terminal of a given width shows of a stream of text: line breaks, carriage returns,
/// cursor up and clearing below are obeyed, lines that are too long wrap.
class Screen {
 public:
  explicit Screen(std::size_t columns) : columns_(columns), lines_(1) {}

  void feed(const std::string& text) {
    for (std::size_t i = 0; i < text.size();) {
      if (text.compare(i, 2, "\033[") == 0) {
        i = obey(text, i + 2);
      } else if (text[i] == '\r') {
        column_ = 0;
        ++i;
      } else if (text[i] == '\n') {
        down();
        ++i;
      } else {
        std::size_t next = i + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U)
          ++next;
        put(text.substr(i, next - i));
        i = next;
      }
    }
  }

  /// The lines without trailing blanks.
  std::vector<std::string> lines() const {
    std::vector<std::string> result;
    for (const Line& line : lines_) {
      std::string text;
      for (const std::string& cell : line) text += cell;
      while (text.ends_with(' ')) text.pop_back();
      result.push_back(text);
    }
    while (!result.empty() && result.back().empty()) result.pop_back();
    return result;
  }
  std::string text() const { return join(lines(), "\n"); }
  /// How often a line did not fit.
  int wraps() const { return wraps_; }
  /// How often something drawn was drawn over.
  int redraws() const { return redraws_; }

 private:
  using Line = std::vector<std::string>;  ///< one text per column; empty after a wide character

  std::size_t obey(const std::string& text, std::size_t i) {
    std::size_t count = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9')
      count = count * 10 + static_cast<std::size_t>(text[i++] - '0');
    const char command = i < text.size() ? text[i] : ' ';
    if (command == 'A') {
      row_ -= std::min(row_, std::max<std::size_t>(count, 1));
    } else if (command == 'J') {
      lines_.resize(row_ + 1);
      lines_[row_].resize(std::min(lines_[row_].size(), column_));
      ++redraws_;
    }
    return i + 1;
  }
  void down() {
    ++row_;
    if (row_ == lines_.size()) lines_.emplace_back();
  }
  void put(const std::string& character) {
    const std::size_t width = display_width(character);
    if (column_ + width > columns_) {
      ++wraps_;
      column_ = 0;
      down();
    }
    Line& line = lines_[row_];
    if (line.size() < column_ + width) line.resize(column_ + width, " ");
    line[column_] = character;
    for (std::size_t i = 1; i < width; ++i) line[column_ + i].clear();
    column_ += width;
  }

  std::size_t columns_;
  std::vector<Line> lines_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  int wraps_ = 0;
  int redraws_ = 0;
};

/// A program whose input, output and errors are a terminal of the given size.
class PseudoTerminal {
 public:
  PseudoTerminal(const std::string& folder, std::vector<std::string> words, unsigned short rows,
                 unsigned short columns)
      : screen_(columns) {
    winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      if (::chdir(folder.c_str()) == 0) ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    ::close(master_);
  }

  /// Reads until `claim` of the screen is true; false after 20 s or at the end of the program.
  template <class Claim>
  bool until(Claim claim) {
    for (int i = 0; i < 20'000; ++i) {
      if (claim(screen_)) return true;
      if (!read_some(1)) return claim(screen_);
    }
    return false;
  }
  void type(const std::string& keys) { (void)!::write(master_, keys.data(), keys.size()); }
  void resize(unsigned short rows, unsigned short columns) {
    winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(master_, TIOCSWINSZ, &size);
  }
  /// Reads to the end; the exit code, 128 + signal if it was killed.
  int wait() {
    while (read_some(20'000)) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  const Screen& screen() const { return screen_; }
  const std::string& raw() const { return raw_; }
  /// What the screen showed after each piece that was read.
  const std::vector<std::string>& frames() const { return frames_; }

 private:
  /// False at the end of the program, or when nothing comes for 20 s.
  bool read_some(int milliseconds) {
    pollfd source{.fd = master_, .events = POLLIN, .revents = 0};
    if (::poll(&source, 1, milliseconds) == 0) return milliseconds < 20'000;
    char bytes[65536];
    const ssize_t size = ::read(master_, bytes, sizeof bytes);
    if (size <= 0) return false;  // EIO: the other side is closed
    const std::string piece(bytes, static_cast<std::size_t>(size));
    raw_ += piece;
    screen_.feed(piece);
    frames_.push_back(screen_.text());
    return true;
  }

  int master_ = -1;
  pid_t pid_ = -1;
  Screen screen_;
  std::string raw_;
  std::vector<std::string> frames_;
};

}  // namespace tallymill
