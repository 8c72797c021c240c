import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Sebentar",
    "Tautan sedang diperiksa.",
  ],
  ready: [
    "Konfirmasi alamat email Anda",
    "Tekan tombol untuk memakai alamat ini di akun Anda. Tidak ada yang berubah sebelum itu.",
    "Konfirmasi alamat",
  ],
  "ready-to-undo": [
    "Batalkan perubahan alamat?",
    "Tekan tombol agar akun Anda kembali memakai alamat ini. Tidak ada yang berubah sebelum itu.",
    "Batalkan perubahan",
  ],
  working: [
    "Sebentar",
    "Jawaban Anda sedang dikirim.",
  ],
  verified: [
    "Alamat dikonfirmasi",
    "Akun Anda sekarang memakai alamat ini. Anda boleh menutup halaman ini.",
  ],
  "already-verified": [
    "Sudah dikonfirmasi",
    "Alamat ini sudah dikonfirmasi sebelumnya. Tidak ada lagi yang perlu dilakukan, Anda boleh menutup halaman ini.",
  ],
  undone: [
    "Perubahan dibatalkan",
    "Perubahan alamat telah dikembalikan. Jika bukan Anda yang memintanya, ganti kata sandi Anda sekarang.",
  ],
  expired: [
    "Tautan ini terlalu lama",
    "Tautan hanya berlaku untuk sementara. Masuk dan mintalah yang baru.",
  ],
  altered: [
    "Tautan ini tidak seperti yang dikirim",
    "Buka lagi dari email, atau salin seluruhnya. Jika tidak membantu, mintalah yang baru.",
  ],
  incomplete: [
    "Sebagian tautan hilang",
    "Buka lagi dari email, atau salin seluruhnya ke bilah alamat.",
  ],
  superseded: [
    "Ada tautan yang lebih baru",
    "Buka email terbaru, atau masuk dan mintalah tautan baru.",
  ],
  used: [
    "Tautan ini sudah dipakai",
    "Tautan hanya berlaku sekali. Untuk mengubah alamat lagi, masuk dan mintalah tautan baru.",
  ],
  cancelled: [
    "Perubahan ini dihentikan",
    "Pemilik akun menghentikannya. Jika itu bukan Anda, masuk dan mintalah tautan baru.",
  ],
  taken: [
    "Alamat ini sudah dipakai",
    "Akun lain memakainya. Masuk ke akun itu, atau pakai alamat lain.",
  ],
  refused: [
    "Tidak berhasil",
    "Situs tidak menerima tautan ini. Mintalah yang baru, atau hubungi situs.",
  ],
  offline: [
    "Situs tidak menjawab",
    "Periksa koneksi Anda dan coba lagi. Mencoba dua kali tidak berbahaya.",
    "Coba lagi",
  ],
  unsupported: [
    "Halaman ini tidak dapat memeriksa tautan",
    "Buka tautan di peramban lain, atau hubungi situs.",
  ],
  wait: "Harap tunggu {seconds} detik dahulu.",
};

export default texts;
